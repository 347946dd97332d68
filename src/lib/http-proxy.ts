import { isLoopback } from './endpoint.ts';
import { SecretctlError } from './errors.ts';
import type { Runtime } from './runtime.ts';
import { Sensitive } from './sensitive.ts';
import { quoted } from './text.ts';

/** The proxy that requests to one endpoint go through. */
export interface Proxy {
  /** Scheme, host and port. Never its credentials. */
  readonly origin: string;
  /** Value of `proxy-authorization`, when the variable holds credentials. */
  readonly authorization: Sensitive | undefined;
  /** The variable it comes from. */
  readonly variable: string;
}

interface ProxyChoice {
  /** Undefined: no proxy. */
  readonly proxy: Proxy | undefined;
  /** What of the variables was not understood, as sentences. */
  readonly warnings: readonly string[];
}

type Environment = Runtime['env'];

/**
 * Whether and through which proxy `url` is reached: `https_proxy`, else `http_proxy`, lower case before upper case,
 * unless `no_proxy` names the host. Loopback and plain http never are. Throws PROXY_SCHEME (78) for a proxy that is not
 * http or https, and CONFIG_INVALID for one that is no URL (security.md, section 5, "proxy").
 */
export function chooseProxy(url: URL, env: Environment): ProxyChoice {
  const none = { proxy: undefined, warnings: [] };
  if (url.protocol !== 'https:' || isLoopback(url.hostname)) return none;
  const found = firstOf(env, ['https_proxy', 'HTTPS_PROXY']) ?? firstOf(env, ['http_proxy', 'HTTP_PROXY']);
  if (found === undefined) return none;
  const exceptions = readExceptions(env['no_proxy'] ?? env['NO_PROXY'] ?? '');
  const { warnings } = exceptions;
  if (exceptions.list.some((exception) => isMeant(exception, url))) return { proxy: undefined, warnings };
  return { proxy: readProxy(found.variable, found.value), warnings };
}

/** The variable in its first spelling that is there at all; none when that one is empty. */
function firstOf(env: Environment, names: readonly string[]): { variable: string; value: string } | undefined {
  const variable = names.find((name) => env[name] !== undefined);
  const value = variable === undefined ? undefined : env[variable]?.trim();
  return variable === undefined || value === undefined || value === '' ? undefined : { variable, value };
}

function readProxy(variable: string, value: string): Proxy {
  const text = value.includes('://') ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // The value may hold a password in a place where the parser did not find it: it is never quoted.
  if (url === undefined || url.hostname === '') {
    throw new SecretctlError('CONFIG_INVALID', `the variable ${variable} holds no URL of a proxy`);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    const scheme = quoted(url.protocol.slice(0, -1));
    throw new SecretctlError(
      'PROXY_SCHEME',
      `the variable ${variable} names a ${scheme} proxy; only http and https are used`,
    );
  }
  return { origin: url.origin, authorization: authorizationOf(url), variable };
}

/** RFC 7617. */
function authorizationOf(url: URL): Sensitive | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const credentials = `${decoded(url.username)}:${decoded(url.password)}`;
  return new Sensitive(`Basic ${Buffer.from(credentials).toString('base64')}`);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** One entry of `no_proxy`: a host and all below it, or with `*.` only those below it; `*` is every host. */
interface Exception {
  readonly host: string;
  readonly port: string;
  readonly onlyBelow: boolean;
}

function readExceptions(text: string): { list: readonly Exception[]; warnings: readonly string[] } {
  const entries = text.split(/[,\s]+/).filter((entry) => entry !== '');
  const ranges = entries.filter((entry) => entry.includes('/'));
  return {
    list: entries.filter((entry) => !entry.includes('/')).map(readException),
    warnings: ranges.map(
      (entry) => `no_proxy: ${quoted(entry)} is an address range, which is not understood and not applied`,
    ),
  };
}

function readException(entry: string): Exception {
  const bracketed = /^\[(.+)\](?::(\d+))?$/.exec(entry);
  // More than one colon without brackets is an IPv6 address, not a host and a port.
  const plain = /^([^:]+)(?::(\d+))?$/.exec(entry);
  const host = bracketed?.[1] ?? plain?.[1] ?? entry;
  return {
    host: host
      .replace(/^\*?\./, '')
      .replace(/(.)\.$/, '$1')
      .toLowerCase(),
    port: bracketed?.[2] ?? plain?.[2] ?? '',
    onlyBelow: host.startsWith('*.'),
  };
}

function isMeant(exception: Exception, url: URL): boolean {
  if (exception.port !== '' && exception.port !== (url.port === '' ? '443' : url.port)) return false;
  if (exception.host === '*') return true;
  const host = url.hostname.replace(/^\[(.+)\]$/, '$1').replace(/(.)\.$/, '$1');
  return (host === exception.host && !exception.onlyBelow) || host.endsWith(`.${exception.host}`);
}
