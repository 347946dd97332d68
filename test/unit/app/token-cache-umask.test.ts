import { spawnSync } from 'node:child_process';
import { chownSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { idToken, placeForTokens } from '../../support/kept-tokens.ts';

const uid = process.getuid?.() ?? -1;
const place = placeForTokens();

function source(name: string): string {
  return pathToFileURL(path.join(import.meta.dirname, '../../../src', name)).href;
}

/** A program that keeps a token below that directory and looks for it. */
function script(directory: string): string {
  return `
    import { openTokenCache } from '${source('app/token-cache.ts')}';
    import { readToken } from '${source('lib/jwt.ts')}';
    import { systemRuntime } from '${source('lib/runtime.ts')}';
    import { Sensitive } from '${source('lib/sensitive.ts')}';
    const journal = { warn: (line) => console.error(line), debug: () => undefined };
    const cache = openTokenCache(
      { cache: true, cacheDir: ${JSON.stringify(directory)} },
      { runtime: systemRuntime(), journal },
    );
    const idToken = readToken(new Sensitive('${idToken().jwt.reveal().toString()}'), 'x');
    const endpoint = new URL('https://host.example.test');
    const context = { backend: 'b', endpoint, bindings: [], audience: '', trust: ['', ''], serverName: '' };
    const token = { value: new Sensitive('t'), expiresAtMs: Date.now() + 480_000, lifetimeSeconds: 480 };
    const notKept = cache.put(context, idToken, token, 0);
    console.log(notKept ?? 'kept', cache.get(context, idToken) === undefined ? 'lost' : 'found');`;
}

const users = uid === 0 ? [0, 65_534] : [uid];
const matrix = users.flatMap((user) => ['000', '022', '077', '777'].map((umask) => [user, umask] as const));

test.each(matrix)('user %i, umask %s: directory 0700 and entry 0600', (user, umask) => {
  chownSync(place.root, user, user);
  const child = spawnSync(
    'sh',
    [
      '-c',
      `umask ${umask}; exec "$0" --no-warnings --input-type=module -e "$1"`,
      process.execPath,
      script(place.directory),
    ],
    { encoding: 'utf8', cwd: '/', env: {}, ...(uid === 0 && { uid: user, gid: user }) },
  );
  expect(`${child.stdout}${child.stderr}`).toBe('kept found\n');
  expect(statSync(place.directory)).toMatchObject({ mode: 0o040700, uid: user });
  const [name = ''] = readdirSync(place.directory);
  expect(statSync(path.join(place.directory, name))).toMatchObject({ mode: 0o100600, uid: user, nlink: 1 });
});
