import { linkSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { main } from '../../../src/main.ts';
import { inDirectory, runtimeIn } from '../../support/configured.ts';
import { craftToken, fineClaims, RS256 } from '../../support/craft.ts';

const TEMPLATE = 'password = {{A}}\n';

/** One plan of a fetch by that template to that file; nothing answers at the backend's address. */
async function planned(template: string, target: string) {
  return inDirectory({ 'app.tmpl': TEMPLATE, other: '' }, async (root) => {
    symlinkSync('app.tmpl', path.join(root, 'link'));
    linkSync(path.join(root, 'app.tmpl'), path.join(root, 'twin'));
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const env = { VAULT_ADDR: 'http://127.0.0.1:9', SECRETCTL_ID_TOKEN: craftToken(RS256, fineClaims()) };
    const argv = ['fetch', '--dry-run', '--template', template, '-o', target.replace('ROOT', root), 'A=kv/a'];
    const exit = await main({ ...runtimeIn(root, env), argv, stdout, stderr });
    expect(readFileSync(path.join(root, 'app.tmpl'), 'utf8')).toBe(TEMPLATE);
    return { exit, stderr: String(stderr.read() ?? '') };
  });
}

test.each([
  ['app.tmpl', 'app.tmpl'],
  ['app.tmpl', './app.tmpl'],
  ['app.tmpl', 'ROOT/app.tmpl'],
  ['app.tmpl', 'link'],
  ['link', 'app.tmpl'],
  ['app.tmpl', 'twin'],
])('a template %s is not written over by its own filling: -o %s', async (template, target) => {
  const { exit, stderr } = await planned(template, target);
  expect({ exit, stderr }).toEqual({ exit: 64, stderr: expect.stringContaining('is the template itself') });
});

test.each(['other', 'new'])('another file may be: -o %s', async (target) => {
  expect(await planned('app.tmpl', target)).toMatchObject({ exit: 0 });
});
