import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DevPlace, openDevPlace } from '../support/dev-place.ts';

let place: DevPlace;

beforeEach(() => {
  place = openDevPlace();
});

afterEach(() => place.close());

test('a reference is readable although the value has a word of it; the value is not', async () => {
  const secret = 'prod/db={username:unguessable-1}';
  const finished = await place.dev(['exec', '--secret', secret, '--', 'secretctl', 'fetch', 'U=prod/db#username']);
  expect(finished).toMatchObject({ exit: 67 });
  expect(finished.stderr).toContain('U: prod/db#username: the value is not JSON');
  expect(finished.stderr).not.toContain('unguessa');
});

test('where only the clocks are wrong, that is the likeliest cause', async () => {
  const finished = await place.dev(['exec', '--server-clock', '+20m', '--', 'secretctl', 'fetch', 'X=app/db-password']);
  expect(finished).toMatchObject({ exit: 77 });
  expect(finished.stderr).toMatch(
    /hint: likeliest cause: this machine's clock is 20 min behind the server's; correct one of the clocks \(NTP\)\n/,
  );
});

test('what Conjur does not tell apart is told as such', async () => {
  const finished = await place.dev(['exec', '--', 'secretctl', 'fetch', 'X=app/nothing']);
  expect(finished).toMatchObject({ exit: 67 });
  expect(finished.stderr).toContain(
    'X: app/nothing: does not exist, has no value or is hidden from this host: Conjur does not tell these apart (404)\n',
  );
});
