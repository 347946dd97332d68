import { expect, test } from 'vitest';
import { type FaultyServer, FINISH, type Step } from '../../support/faulty-server.ts';
import { type ClientUnderTest, failureOf, get, inTurn, OK, setHttpStage } from '../../support/http-client.ts';

const { client, serve } = setHttpStage();

/** Bodies as servers give them: each of them, cut anywhere, could still be taken for a value. */
const BODIES: readonly string[] = [
  '{"ok":true}',
  '{"token":"abcdefghijklmnop"}',
  '[1,2,3]',
  '12345678',
  'true',
  '"quoted"',
  'hunter2hunter2',
  'p@ss word',
  '{"a":{"b":"c"}}',
  'eyJhbGciOiJSUzI1NiJ9.e30.c2ln',
  '-----BEGIN KEY-----\nAAAA\n-----END KEY-----\n',
  'line one\nline two\n',
  'a',
  '  ',
  '\n',
  '0',
  '0\r\n\r\n',
  'é€😀',
  'x'.repeat(64),
  '{"values":{"x:variable:a":"1","x:variable:b":"2"}}',
];

const FRAMINGS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  'a length': (body) => joined(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`, body),
  chunks: (body) => {
    const half = Math.ceil(body.length / 2);
    const chunks = [body.subarray(0, half), body.subarray(half)].filter((chunk) => chunk.length > 0);
    const framed = chunks.flatMap((chunk) => [`${chunk.length.toString(16)}\r\n`, chunk, '\r\n']);
    return joined('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', ...framed, '0\r\n\r\n');
  },
  'chunks, closing': (body) => {
    const framed = [`${body.length.toString(16)}\r\n`, body, '\r\n0\r\n\r\n'];
    return joined('HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n', ...framed);
  },
  'the end of the connection': (body) => joined('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n', body),
};

function joined(...parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

/** Every answer cut at every byte, each over a connection of its own; the number that was accepted. */
async function acceptedCuts(http: ClientUnderTest, server: FaultyServer, count: number): Promise<unknown[]> {
  const accepted: unknown[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      try {
        accepted.push(await http.send(get(`/${index}`, { retry: 'none' })));
      } catch (error) {
        expect(error).toMatchObject({ reason: expect.stringMatching(/^(TRUNCATED|FRAMING|CONNECTION_LOST)$/) });
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  expect(server.requests).toHaveLength(count);
  return accepted;
}

test.each(Object.entries(FRAMINGS))(
  '68 an answer framed by %s is never accepted when it is cut',
  async (framing, frame) => {
    const answers = BODIES.map((body) => frame(Buffer.from(body)));
    const cuts = answers.flatMap((whole) => Array.from({ length: whole.length }, (_, at) => whole.subarray(0, at)));
    const script = ({ text }: { text: string }): readonly Step[] => {
      const index = Number(/^GET \/(\d+) /.exec(text)?.[1]);
      return [cuts[index] ?? Buffer.alloc(0), FINISH];
    };
    const server = await serve(script, { tls: undefined });
    expect(await acceptedCuts(client([server]), server, cuts.length)).toEqual([]);
    expect(cuts.length, framing).toBeGreaterThan(1000);
  },
);

test.each(Object.entries(FRAMINGS))('framed by %s and whole', async (framing, frame) => {
  for (const body of BODIES) {
    const server = await serve(() => [frame(Buffer.from(body)), FINISH]);
    const call = client([server]).send(get('/'));
    if (framing === 'the end of the connection') expect(await failureOf(call)).toMatchObject({ reason: 'FRAMING' });
    else expect((await call).body.toString()).toBe(body);
  }
});

const CUT_SHORT = 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc';
const ENDINGS = [{ end: 'finish' }, { end: 'cut' }, { end: 'reset' }] as const;

test.each(ENDINGS)('68 over TLS, cut by $end: tried again, then TRUNCATED', async (ending) => {
  const server = await serve(inTurn([CUT_SHORT, ending]));
  expect(await failureOf(client([server]).send(get('/')))).toMatchObject({ reason: 'TRUNCATED', exit: 76 });
  expect(server.requests).toHaveLength(4);
});

test('68 the next try may be whole', async () => {
  const server = await serve(inTurn([CUT_SHORT, FINISH], [OK]));
  expect(await client([server]).send(get('/'))).toMatchObject({ status: 200 });
});

test.each(['transport', 'none'] as const)('a cut answer is not asked for again under retry "%s"', async (retry) => {
  const server = await serve(inTurn([CUT_SHORT, FINISH], [OK]));
  expect(await failureOf(client([server]).send(get('/', { retry })))).toMatchObject({ reason: 'TRUNCATED' });
  expect(server.requests).toHaveLength(1);
});
