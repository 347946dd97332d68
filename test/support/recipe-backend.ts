import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { http } from '../../src/backends/http/index.ts';
import { READY } from '../../src/backends/http/recipes/index.ts';
import { type Backend, isLoggingIn, type Outcome } from '../../src/backends/types.ts';
import type { AccessToken } from '../../src/lib/tokens.ts';
import { type HttpClient, openHttp } from '../../src/lib/http.ts';
import { refs, settingValues } from './rehearsed-backend.ts';
import { invocationIn } from './invocation.ts';

/** What a scripted server heard. */
export interface Heard {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** One scripted answer; an object is sent as JSON. */
export interface Scripted {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A backend for a recipe and a server that answers what the test says. */
export interface RecipeBackend {
  readonly backend: Backend;
  readonly heard: readonly Heard[];
  readonly url: string;
  readonly invocation: ReturnType<typeof invocationIn>;
}

/** A shipped recipe as one JSON text; without its address, which a description by hand does not say. */
export async function readyRecipe(name: string): Promise<string> {
  const { url: _, ...recipe } = parse((await READY[name]?.()) ?? '') as Record<string, unknown>;
  return JSON.stringify(recipe);
}

/** Opens the backend of a recipe (YAML, or an object) against a server on this machine. */
export async function openRecipe(
  recipe: string | object,
  answer: (heard: Heard, url: string) => Scripted,
  parameters?: string,
): Promise<RecipeBackend> {
  const heard: Heard[] = [];
  let url = '';
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const one = {
        method: request.method ?? '',
        target: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(parts).toString(),
      };
      heard.push(one);
      const { status = 200, headers, body } = answer(one, url);
      const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
      response.writeHead(status, {
        'content-type': 'application/json',
        'content-length': `${Buffer.byteLength(text)}`,
        ...headers,
      });
      response.end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const text = JSON.stringify(typeof recipe === 'string' ? parse(recipe) : recipe);
  const values = settingValues(http, { recipe: text, ...(parameters !== undefined && { parameters }) });
  const invocation = invocationIn({ random: (bytes) => Buffer.alloc(bytes) });
  const client = openHttp({ endpoints: [new URL(url)] }, invocation);
  onTestFinished(() => client.close());
  const service = (): HttpClient => client;
  const backend = await http.create({
    name: 'main',
    url: new URL(url),
    values,
    http: client,
    service,
    invocation,
    maxAnswerBytes: 1024 * 1024,
    singleUse: false,
  });
  return { backend, heard, url, invocation };
}

/** Logs in to a backend that takes no ID token. */
export async function logIn(backend: Backend): Promise<AccessToken> {
  if (!isLoggingIn(backend)) throw new Error('it takes an ID token');
  return backend.logIn();
}

/** Logs in and fetches these: values, or the words for what did not come. */
export async function fetchWith({ backend }: RecipeBackend, ...texts: readonly string[]): Promise<string[]> {
  return told(await backend.fetchSecrets(await logIn(backend), refs(...texts)));
}

/** The value of each outcome, or the word for why there is none. */
export function told(outcomes: readonly Outcome[]): string[] {
  return outcomes.map((outcome) => ('refusal' in outcome ? outcome.refusal : outcome.value.reveal().toString()));
}

/** Answers by `METHOD target`; the login is answered with a token where nothing else is said. */
export function answering(answers: Readonly<Record<string, Scripted>>): Parameters<typeof openRecipe>[1] {
  return ({ method, target }) =>
    answers[`${method} ${target}`] ??
    (target === '/login' ? { body: { token: 'access-token' } } : { status: 404, body: { message: 'not there' } });
}
