import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askBatch, batchPath, chunkV1 } from '../../../../src/backends/conjur/batch.ts';
import { chunkV2 } from '../../../../src/backends/conjur/batch-v2.ts';
import { conjur } from '../../../../src/backends/conjur/index.ts';
import { openSite, type Site } from '../../../../src/backends/conjur/site.ts';
import { variablesOf } from '../../../../src/backends/conjur/variables.ts';
import { startDeadline } from '../../../../src/lib/deadline.ts';
import { openHttp } from '../../../../src/lib/http.ts';
import { openJournal } from '../../../../src/lib/journal.ts';
import { systemRuntime } from '../../../../src/lib/runtime.ts';
import { settingValues } from '../../../support/rehearsed-backend.ts';
import { ref } from './rehearsed.ts';

let server: Server;
let site: Site;
let close: () => Promise<void>;
let body = '';

beforeAll(async () => {
  server = createServer((_, response) => {
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-encoding': 'base64',
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const runtime = systemRuntime();
  const deadline = startDeadline(runtime, 30_000);
  const journal = openJournal({ quiet: true, debug: false, write: () => undefined });
  const invocation = { runtime, journal, deadline };
  const url = new URL(`http://127.0.0.1:${port}/base`);
  const http = openHttp({ endpoints: [url] }, invocation);
  const values = settingValues(conjur, { account: 'acct', 'service-id': 'ci' });
  site = openSite({
    name: 'conjur',
    url,
    values,
    http,
    service: () => http,
    invocation,
    maxAnswerBytes: 65_536,
    singleUse: false,
  });
  close = async () => {
    deadline.settle();
    await http.close();
    await new Promise((resolve) => server.close(resolve));
  };
});
afterAll(() => close());

describe('the answer of a V1 batch', () => {
  const variables = variablesOf([ref('a'), ref('b')], 'acct');

  test('values keep their bytes, line feeds in the base64 or not; what was not asked for is left', async () => {
    body = '{"acct:variable:b":"YWFh\\nYWFh\\n","other":"?","acct:variable:a":"AP/+"}';
    const answer = await askBatch(site, variables, {});
    const values = answer.kind === 'values' ? [...answer.values] : [];
    expect(values.map(([variable, value]) => [variable.id, value.reveal().toString('hex')])).toEqual([
      ['a', '00fffe'],
      ['b', '616161616161'],
    ]);
  });

  test('an empty value is left to a single read', async () => {
    body = '{"acct:variable:b":"","acct:variable:a":"YQ=="}';
    const answer = await askBatch(site, variables, {});
    expect(answer.kind === 'values' && [...answer.values.keys()].map(({ id }) => id)).toEqual(['a']);
  });

  test.each([
    ['lacks an id', '{"acct:variable:a":"YQ=="}', 'UNEXPECTED_ANSWER'],
    ['has null', '{"acct:variable:a":"YQ==","acct:variable:b":null}', 'UNEXPECTED_ANSWER'],
    ['has a number', '{"acct:variable:a":"YQ==","acct:variable:b":1}', 'UNEXPECTED_ANSWER'],
    [
      'has an id twice',
      '{"acct:variable:a":"YQ==","acct:variable:b":"YQ==","acct:variable:b":"Yg=="}',
      'UNEXPECTED_ANSWER',
    ],
    ['has plain text', '{"acct:variable:a":"YQ==","acct:variable:b":"plain text"}', 'UNEXPECTED_ANSWER'],
    ['has base64 cut short', '{"acct:variable:a":"YQ==","acct:variable:b":"YWF"}', 'UNEXPECTED_ANSWER'],
    ['has URL-safe base64', '{"acct:variable:a":"YQ==","acct:variable:b":"__-_"}', 'UNEXPECTED_ANSWER'],
    ['is a list', '["YQ==","YQ=="]', 'UNEXPECTED_ANSWER'],
    ['is nothing', '', 'UNEXPECTED_ANSWER'],
    ['breaks off', '{"acct:variable:a":"YQ', 'BAD_JSON'],
  ])('that %s is refused', async (_, text, reason) => {
    body = text;
    const failure = await askBatch(site, variables, {}).catch((error: unknown) => error);
    expect(failure).toMatchObject({ reason });
    expect(String(failure)).not.toMatch(/YQ|plain/);
  });
});

const long = (count: number, length: number): ReturnType<typeof variablesOf> =>
  variablesOf(
    Array.from({ length: count }, (_, index) => ref(`${index}/${'x'.repeat(length)}`)),
    'acct',
  );

describe('chunks', () => {
  test('V1: every line stays under 4 KiB with the base path, order and all ids kept', () => {
    for (const length of [1, 10, 100, 1000, 1990]) {
      const variables = long(50, length);
      const chunks = chunkV1(site, variables);
      expect(chunks.flat()).toEqual(variables);
      for (const chunk of chunks) expect(`GET /base${batchPath(chunk)} HTTP/1.1\r\n`.length).toBeLessThan(4096);
    }
  });

  test('V1: no line is shorter than it must be', () => {
    const chunks = chunkV1(site, long(200, 30));
    for (const [index, chunk] of chunks.slice(0, -1).entries()) {
      const next = chunks[index + 1]?.slice(0, 1) ?? [];
      expect(`GET /base${batchPath([...chunk, ...next])} HTTP/1.1\r\n`.length).toBeGreaterThanOrEqual(4096);
    }
  });

  test('V2: at most 250 ids and 24 KiB', () => {
    expect(chunkV2(long(600, 5)).map((chunk) => chunk.length)).toEqual([250, 250, 100]);
    for (const chunk of chunkV2(long(100, 1000))) {
      expect(JSON.stringify({ ids: chunk.map(({ id }) => id) }).length).toBeLessThanOrEqual(24 * 1024);
    }
  });
});
