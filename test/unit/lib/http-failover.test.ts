import { expect, test } from 'vitest';
import { createAuthority } from '../../../src/dev/frame/certificates.ts';
import { answer } from '../../support/faulty-server.ts';
import { deadEndpoint, failureOf, get, inTurn, OK, setHttpStage } from '../../support/http-client.ts';

const { client, serve } = setHttpStage();

test('80 leader down, follower up', async () => {
  const down = deadEndpoint();
  const follower = await serve(inTurn([OK]));
  const http = client([down, follower]);
  expect(http.endpoint.port).toBe(down.port);
  expect(await http.send(get('/'))).toMatchObject({ status: 200 });
  expect(http.lines.join('\n')).toMatch(
    /debug: failover from=https:\/\/127\.0\.0\.1:\d+ to=https:\/\/127\.0\.0\.1:\d+/,
  );
  expect(http.endpoint).toEqual(follower.url);
});

test.each([502, 503, 504])(
  '80 a leader that answers %i is passed over, and the one that answered is kept',
  async (status) => {
    const leader = await serve(inTurn([answer(status)]));
    const follower = await serve(inTurn([OK]));
    const http = client([leader, follower]);
    for (let turn = 0; turn < 3; turn++) expect(await http.send(get('/'))).toMatchObject({ status: 200 });
    expect(leader.requests).toHaveLength(1);
    expect(follower.requests).toHaveLength(3);
  },
);

test.each([400, 401, 403, 404, 500])('%i from the first endpoint is final for it', async (status) => {
  const leader = await serve(inTurn([answer(status)]));
  const follower = await serve(inTurn([OK]));
  expect(await client([leader, follower]).send(get('/'))).toMatchObject({ status });
  expect(follower.connections).toBe(0);
});

test('an endpoint that is not trusted is not passed over in silence', async () => {
  const other = await createAuthority();
  const { certificate, key } = await other.issue({ names: ['127.0.0.1'] });
  const leader = await serve(inTurn([OK]), { tls: { cert: certificate, key } });
  const follower = await serve(inTurn([OK]));
  expect(await failureOf(client([leader, follower]).send(get('/')))).toMatchObject({ reason: 'TLS_TRUST' });
  expect(follower.connections).toBe(0);
});

test('all endpoints failing makes four rounds at most', async () => {
  const [one, two] = [await serve(inTurn([answer(503)])), await serve(inTurn([answer(502)]))];
  expect(await client([one, two]).send(get('/'))).toMatchObject({ status: 502 });
  expect([one.requests.length, two.requests.length]).toEqual([4, 4]);
});

test('what may be sent only once goes to the next endpoint only when nothing was sent', async () => {
  const down = deadEndpoint();
  const [leader, follower] = [await serve(inTurn([answer(503)])), await serve(inTurn([OK]))];
  const refused = client([down, follower]);
  expect(await refused.send(get('/', { retry: 'none' }))).toMatchObject({ status: 200 });
  expect(await client([leader, follower]).send(get('/', { retry: 'none' }))).toMatchObject({ status: 503 });
});
