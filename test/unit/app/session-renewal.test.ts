import fs, { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { logIn } from '../../../src/app/login.ts';
import {
  type Command,
  command,
  fetchOnce,
  kept,
  newDirectory,
  refusalOf,
  rehearse,
  SECRET,
  setSessionStage,
  valueOf,
} from '../../support/session-stage.ts';

setSessionStage();

describe('an ID token whose source can be asked again', () => {
  test.each([
    [30, 2],
    [300, 1],
  ])('is read anew for a second exchange only if it ends before the run may: %i s, %i reads', async (life, times) => {
    const rehearsal = await rehearse({ lifetimeSeconds: life });
    const file = path.join(newDirectory(), 'token');
    writeFileSync(file, await rehearsal.token({ jti: 'first' }));
    const one: Command = { backend: { token: { file } } };
    await fetchOnce(await command(rehearsal, one));
    rehearsal.disturb('revoke-tokens');
    const later = await rehearsal.token({ jti: 'later' });
    let reads = 0;
    const openSync: typeof fs.openSync = (opened, flags, mode) => {
      // As a kubelet does it, between the first look and the second.
      if (opened === file && ++reads === 2) writeFileSync(file, later);
      return fs.openSync(opened, flags, mode);
    };
    const run = await command(rehearsal, { ...one, world: { fs: { ...fs, openSync } } });
    expect(valueOf(await fetchOnce(run))).toBe(SECRET);
    expect([reads, run.hidden.includes(later)]).toEqual([times, times === 2]);
  });

  test('and is another one each time opens nothing later: nothing is kept, and login says so', async () => {
    const rehearsal = await rehearse();
    const program = path.join(newDirectory(), 'get-token');
    writeFileSync(program, `#!/bin/sh\necho '${await rehearsal.token()}'\n`, { mode: 0o700 });
    const one: Command = { backend: { token: { command: [program] } } };
    expect(valueOf(await fetchOnce(await command(rehearsal, one)))).toBe(SECRET);
    expect(kept()).toEqual([]);
    expect(await refusalOf(command(rehearsal, one).then(({ parts }) => logIn(...parts)))).toMatchObject({
      reason: 'CACHE_DIR',
      message: expect.stringContaining('an ID token of its own'),
    });
  });
});
