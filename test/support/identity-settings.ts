import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type BackendType, isLoggingIn } from '../../src/backends/types.ts';
import { type HttpClient, openHttp } from '../../src/lib/http.ts';
import { SettingFault, type SettingRow } from '../../src/lib/settings.ts';
import { invocationIn } from './invocation.ts';
import { rehearseBackend, settingValues } from './rehearsed-backend.ts';

/** Settings whose value shows in the exchange on the wire, and those of them that `cacheContext` leaves out. */
export async function identitySettings(type: BackendType): Promise<{ changing: string[]; unbound: string[] }> {
  const { rehearsal, idToken } = await rehearseBackend(type);
  const configuration = rehearsal.configuration();
  const token = await idToken();
  const observe = async (key: string, value: string): Promise<{ wire: string; context: string }> => {
    const { url, heard } = await listen();
    const values = settingValues(type, { ...configuration, [key]: value });
    const base = type.baseUrl?.(url, values) ?? url;
    const invocation = invocationIn();
    const http = openHttp({ endpoints: [base] }, invocation);
    const service = (): HttpClient => http;
    const backend = await type.create({
      name: 'main',
      url: base,
      values,
      http,
      service,
      invocation,
      maxAnswerBytes: 1024,
      singleUse: false,
    });
    await (isLoggingIn(backend) ? backend.logIn() : backend.exchange(token)).catch(() => undefined);
    await http.close();
    return { wire: heard.join('\n'), context: JSON.stringify(backend.cacheContext) };
  };
  const changing: string[] = [];
  const unbound: string[] = [];
  for (const [key, row] of Object.entries(type.settings)) {
    const [one, two] = twoValues(row);
    if (one === undefined || two === undefined) continue;
    const [first, second] = [await observe(key, one), await observe(key, two)];
    if (first.wire === second.wire) continue;
    changing.push(key);
    if (first.context === second.context) unbound.push(key);
  }
  return { changing, unbound };
}

/** Two values that a setting takes: words, paths, or two of its own choices. */
function twoValues({ parser }: SettingRow): readonly string[] {
  const choices = parser.schema['enum'];
  const candidates = [
    'alpha',
    'beta',
    '/alpha',
    '/beta',
    'role=alpha',
    'role=beta',
    ...(Array.isArray(choices) ? choices.map(String) : []),
  ];
  return candidates.filter((candidate) => {
    try {
      parser.parse(candidate);
      return true;
    } catch (error) {
      if (error instanceof SettingFault) return false;
      throw error;
    }
  });
}

/** A server that writes down what it hears and knows nothing. */
async function listen(): Promise<{ url: URL; heard: string[] }> {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      heard.push(`${request.method} ${request.url} ${Buffer.concat(parts).toString()}`);
      response.writeHead(404, { 'content-length': '0' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: new URL(`http://127.0.0.1:${port}/`), heard };
}
