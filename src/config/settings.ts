import { BACKENDS } from '../backends/index.ts';
import { chainable } from '../lib/chain.ts';
import { byteSize, durationMs, endpoint, filePath, lines, listOf, oneOf, onOff, text } from '../lib/parsers.ts';
import type { SettingRow } from '../lib/settings.ts';
import { CHILD_ROWS } from './child-rows.ts';
import { FILTER_ROWS } from './filter-rows.ts';
import { FOR_ONE_RUN, type GeneralRow, OVERRULES, rows } from './general-row.ts';
import { OUTPUT_ROWS } from './output-rows.ts';
import { TOKEN_ROWS } from './token-rows.ts';

/**
 * Every setting that is not a product's own, by name: the flag is `--<name>`, the variable `SECRETCTL_<NAME>`. The
 * file key is the name too, at the top of the file or, for the area `backend`, in the backend's block.
 */
export const SETTINGS = rows({
  config: {
    area: 'run',
    parser: filePath,
    value: 'FILE',
    file: { none: 'it names the file' },
    help: 'configuration file (default: secretctl.yaml here or above, up to the root of the repository)',
  },
  profile: {
    area: 'run',
    parser: text,
    value: 'NAME',
    file: FOR_ONE_RUN,
    help: 'profile of the configuration to lay over the rest',
  },
  backend: {
    area: 'run',
    parser: text,
    value: 'NAME|TYPE',
    file: 'default-backend',
    help: 'the backend that references without a prefix and its flags mean: a configured name, or a type',
  },
  url: { area: 'backend', parser: endpoint, value: 'URL', help: 'where the backend is' },
  'fallback-url': {
    area: 'backend',
    parser: listOf(endpoint),
    value: 'URL',
    default: [],
    help: 'where to go on when it cannot be reached; may be repeated',
  },
  ...TOKEN_ROWS,
  'ca-file': {
    area: 'backend',
    parser: filePath,
    value: 'FILE',
    help: 'PEM certificates that replace the usual roots for this backend',
  },
  ca: {
    area: 'backend',
    parser: lines,
    flag: { none: 'certificates are too long for a command line; --ca-file names a file' },
    help: 'the same certificates as text',
  },
  'client-cert': { area: 'backend', parser: filePath, value: 'FILE', help: 'PEM client certificate for mutual TLS' },
  'client-key': { area: 'backend', parser: filePath, value: 'FILE', help: 'its PEM key, readable by you alone' },
  'server-name': {
    area: 'backend',
    parser: text,
    value: 'NAME',
    help: 'name expected in the server certificate, when it is not the host name',
  },
  'single-use': {
    area: 'backend',
    parser: onOff,
    default: false,
    help: 'the server takes each ID token once only: never send the exchange twice',
  },
  timeout: {
    area: 'run',
    parser: durationMs,
    value: 'DURATION',
    default: 60_000,
    help: 'time for everything, retries included',
  },
  'max-answer-bytes': {
    area: 'run',
    parser: byteSize(16 * 1024 * 1024),
    value: 'SIZE',
    default: 1024 * 1024,
    help: 'largest answer to a read, at most 16MiB',
  },
  'no-cache': { area: 'run', parser: onOff, default: false, help: 'neither use nor keep an access token' },
  'cache-dir': { area: 'run', parser: filePath, value: 'DIR', help: 'where access tokens are kept for the job' },
  'dry-run': {
    area: 'run',
    parser: onOff,
    default: false,
    file: FOR_ONE_RUN,
    help: 'say what would be done and send nothing',
  },
  'error-format': {
    area: 'run',
    parser: oneOf(['text', 'json']),
    value: 'text|json',
    default: 'text',
    file: { none: 'it must be known before the file is read' },
    help: 'how an error is written to stderr',
  },
  quiet: {
    area: 'run',
    parser: onOff,
    default: false,
    file: { none: 'a file that a merge request can change does not silence the warnings about itself' },
    help: 'no warnings',
  },
  debug: { area: 'run', parser: onOff, default: false, help: 'say each step on stderr, without values' },
  'allow-unsafe-runtime': {
    area: 'run',
    parser: onOff,
    default: false,
    file: OVERRULES,
    help: 'go on although Node was told to write out memory, keys or traces',
  },
  'allow-endpoint-override': {
    area: 'run',
    parser: onOff,
    default: false,
    file: OVERRULES,
    help: 'in CI, let --url and --fallback-url replace what the configuration says',
  },
  ...OUTPUT_ROWS,
  ...CHILD_ROWS,
  ...FILTER_ROWS,
});

/** The names of the general settings. */
export type SettingName = keyof typeof SETTINGS;

/** A setting with all that the three ways of giving it need. */
export interface PlacedSetting {
  readonly row: SettingRow;
  readonly area: GeneralRow['area'];
  /** Without `--`; undefined when there is none. */
  readonly flag: string | undefined;
  readonly short?: string;
  readonly value?: string;
  readonly variable: string;
  /** Keys from the top of the file or of the backend's block; undefined when there is none. */
  readonly file: readonly string[] | undefined;
  /** The type of backend whose own setting this is. */
  readonly type?: string;
  /** Why flag or file key is missing. */
  readonly reasons: readonly string[];
}

/** Where a general setting is found. */
export function placed(name: SettingName): PlacedSetting {
  const row: GeneralRow = SETTINGS[name];
  return {
    row,
    area: row.area,
    flag: row.flag === undefined ? name : undefined,
    ...(row.short !== undefined && { short: row.short }),
    ...(row.value !== undefined && { value: row.value }),
    variable: variableOf(name),
    file: typeof row.file === 'object' ? undefined : (row.file ?? name).split('.'),
    reasons: [row.flag, row.file].filter((place) => typeof place === 'object').map((place) => place.none),
  };
}

/**
 * Where a product's own setting is found: `--conjur-account`, `SECRETCTL_CONJUR_ACCOUNT`, `account:` in its block. Each
 * may name another backend's secret instead; one that is a secret itself has no flag.
 */
export function placedOf(type: string, key: string, row: SettingRow): PlacedSetting {
  const name = `${type}-${key}`;
  const isSecret = row.parser.isSecret === true;
  return {
    row: { ...row, parser: chainable(row.parser) },
    area: 'backend',
    flag: isSecret ? undefined : name,
    variable: variableOf(name),
    file: [key],
    type,
    reasons: isSecret ? ['a command line is seen by every process of the machine'] : [],
  };
}

let general: readonly PlacedSetting[] | undefined;

/** All general settings, in the order of the table. */
export function generalSettings(): readonly PlacedSetting[] {
  general ??= settingNames().map(placed);
  return general;
}

/** Each product's own, once they were asked for: a run asks again and again, and mostly for one of them. */
const ofProducts = new Map<string, readonly PlacedSetting[]>();

/** The products' own settings; of one type or of all. */
export function productSettings(type?: string): readonly PlacedSetting[] {
  const types = BACKENDS.filter((backend) => type === undefined || backend.type === type);
  return types.flatMap((backend) => {
    const known = ofProducts.get(backend.type);
    if (known !== undefined) return known;
    const placedRows = Object.entries(backend.settings).map(([key, row]) => placedOf(backend.type, key, row));
    ofProducts.set(backend.type, placedRows);
    return placedRows;
  });
}

/** What the flags and the variables of a product's own settings begin with. */
export function productPrefixes(type: string): { readonly flag: string; readonly variable: string } {
  return { flag: `${type}-`, variable: `${variableOf(type)}_` };
}

/** The names of the general settings, in the order of the table. */
function settingNames(): readonly SettingName[] {
  return Object.keys(SETTINGS).filter((name): name is SettingName => name in SETTINGS);
}

function variableOf(name: string): string {
  return `SECRETCTL_${name.toUpperCase().replaceAll('-', '_')}`;
}
