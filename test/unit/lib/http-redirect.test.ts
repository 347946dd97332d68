import { expect, test } from 'vitest';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import { answer } from '../../support/faulty-server.ts';
import { failureOf, get, inTurn, OK, setHttpStage } from '../../support/http-client.ts';

const { client, serve } = setHttpStage();

const REDIRECTS = [301, 302, 303, 307, 308].flatMap((status) =>
  (['the same origin', 'another port', 'another host'] as const).map((where) => ({ status, where })),
);

test.each(REDIRECTS)('52 a $status to $where is refused, and nobody else sees a byte', async ({ status, where }) => {
  const second = await serve(inTurn([OK]));
  const server = await serve((request) => [
    answer(status, '', { location: `${locationOf(where, request.text)}/path?token=abc` }),
  ]);
  function locationOf(place: typeof where, text: string): string {
    if (place === 'the same origin') return `https://${/host: (.*)\r/.exec(text)?.[1] ?? ''}`;
    return place === 'another port' ? second.url.origin : `https://localhost:${second.port}`;
  }
  const http = client([server]);
  for (const method of ['GET', 'POST'] as const) {
    const body = method === 'POST' ? { body: new Sensitive('jwt=secret') } : {};
    const failure = await failureOf(http.send({ ...get('/x'), method, ...body }));
    expect(failure).toMatchObject({ reason: 'REDIRECT_REFUSED', exit: 76 });
    expect(failure.message).toContain(`status ${status}`);
    expect(failure.message).toContain(
      where === 'another host' ? `https://localhost:${second.port} ` : 'https://127.0.0.1:',
    );
    expect(failure.message).not.toMatch(/token|path\?/);
  }
  expect(server.requests).toHaveLength(2);
  expect(second.connections).toBe(0);
});

test.each([undefined, 'http://[', 'javascript:alert(1)'])('52 a redirect to %s is refused', async (location) => {
  const server = await serve(inTurn([answer(302, '', location === undefined ? {} : { location })]));
  expect(await failureOf(client([server]).send(get('/')))).toMatchObject({ reason: 'REDIRECT_REFUSED' });
});
