import { SecretctlError } from '../lib/errors.ts';
import type { Runtime } from '../lib/runtime.ts';
import { visible } from '../lib/text.ts';

/** Options of Node that write memory, session keys or traces to somewhere (security.md, section 4.4). */
const SHOWS_SECRETS =
  /^--(?:inspect|debug|heap-?snapshot|heap-prof|tls-keylog|trace-|report-(?!exclude-)|abort-on-uncaught-exception|node-snapshot)/;

/** Options that load code into this process before ours. */
const LOADS_CODE = /^(?:-r$|--(?:require|import|loader|experimental-loader)$)/;

/**
 * Refuses a Node that was told to switch off TLS checks (UNSAFE_TLS_ENV) or to write out what this process holds
 * (UNSAFE_NODE_OPTIONS, unless the user allowed it); both 78. Returns what deserves a warning.
 */
export function checkRuntime(
  { env, host }: Runtime,
  { allowUnsafeRuntime }: { readonly allowUnsafeRuntime: boolean },
): readonly string[] {
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    throw new SecretctlError(
      'UNSAFE_TLS_ENV',
      'NODE_TLS_REJECT_UNAUTHORIZED=0 switches off the checks of certificates',
      {
        hint: 'unset it; for a private certificate authority there is --ca-file',
      },
    );
  }
  const options = [...optionsIn(env['NODE_OPTIONS'] ?? ''), ...host.execArgv.map(optionName)];
  const unsafe = [...new Set(options.filter((option) => SHOWS_SECRETS.test(option)))].map(visible);
  if (unsafe.length > 0 && !allowUnsafeRuntime) {
    throw new SecretctlError(
      'UNSAFE_NODE_OPTIONS',
      `Node was told to show what this process holds: ${unsafe.join(', ')}`,
      {
        hint: ['take it out of NODE_OPTIONS for this command', 'or say --allow-unsafe-runtime'],
      },
    );
  }
  const foreign = [...new Set(options.filter((option) => LOADS_CODE.test(option)))].map(visible);
  return [
    ...(unsafe.length > 0 ? [`Node was told to show what this process holds: ${unsafe.join(', ')}`] : []),
    ...(foreign.length > 0
      ? [`NODE_OPTIONS loads other code into this process (${foreign.join(', ')}); it can read every secret`]
      : []),
    ...((env['NODE_DEBUG'] ?? '') === '' ? [] : ['NODE_DEBUG is set: Node may print parts of requests to stderr']),
  ];
}

/** The names of the options in a NODE_OPTIONS text: separated by spaces, which double quotes and backslashes protect. */
function optionsIn(text: string): readonly string[] {
  const words = text.match(/(?:"(?:[^"\\]|\\.)*"?|\\.|[^\s"\\])+/g) ?? [];
  return words.map((word) => optionName(word.replace(/\\(.)|"/g, '$1')));
}

/** Without its value, and with dashes: Node takes `--heap_prof` too. */
function optionName(word: string): string {
  const name = word.split('=', 1)[0] ?? '';
  return name.startsWith('--') ? name.replaceAll('_', '-') : name;
}
