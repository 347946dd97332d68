import { isCi } from '../lib/ci.ts';
import { visible } from '../lib/text.ts';
import { type Layers, said, type Said } from './layers.ts';
import { type FileNode, nodeAt, textOf } from './nodes.ts';
import { placed, SETTINGS } from './settings.ts';

/** A backend's endpoints as they were said, and its block of the file. */
export interface Endpoints {
  readonly url: Said<URL> | undefined;
  readonly fallbackUrls: Said<readonly URL[]> | undefined;
  readonly block: FileNode | undefined;
}

/**
 * In CI the command line does not take the token to another origin than the configuration says (security.md 6.3): that
 * is a fault, ENDPOINT_OVERRIDE, unless `--allow-endpoint-override` is said.
 */
export function refuseOverride(endpoints: Endpoints, layers: Layers): void {
  const bound = boundOrigins(endpoints.block);
  const [first] = bound;
  if (first === undefined || !isCi(layers.env) || isAllowed(layers)) return;
  for (const endpoint of [endpoints.url, endpoints.fallbackUrls]) {
    const foreign = saidByFlag(endpoint).find((url) => !bound.includes(url.origin));
    if (foreign === undefined || endpoint === undefined) continue;
    const message = `takes the ID token to ${visible(foreign.origin)}, not to ${visible(first)} as the configuration says`;
    layers.faults.add(endpoint.origin, `${message}; in CI that needs --allow-endpoint-override`, 'ENDPOINT_OVERRIDE');
  }
}

/** An address of a product besides its `url`, as a flag said it. */
export interface ServiceFlag {
  readonly flag: string;
  /** The setting's key in the block. */
  readonly key: string;
  readonly url: URL;
  readonly block: FileNode | undefined;
}

/** The same for a further address of a product. */
export function refuseServiceOverride({ flag, key, url, block }: ServiceFlag, layers: Layers): void {
  const own = textOf(nodeAt(block, [key]));
  const bound = [...boundOrigins(block), ...(own !== undefined && URL.canParse(own) ? [new URL(own).origin] : [])];
  const [first] = bound;
  if (first === undefined || bound.includes(url.origin) || !isCi(layers.env) || isAllowed(layers)) return;
  const message = `takes a token to ${visible(url.origin)}, not to ${visible(first)} as the configuration says`;
  const origin = { kind: 'flag', name: flag } as const;
  layers.faults.add(origin, `${message}; in CI that needs --allow-endpoint-override`, 'ENDPOINT_OVERRIDE');
}

function saidByFlag(endpoint: Said<URL> | Said<readonly URL[]> | undefined): readonly URL[] {
  return endpoint?.level === 'flag' && endpoint.value !== undefined ? [endpoint.value].flat() : [];
}

function isAllowed(layers: Layers): boolean {
  const setting = placed('allow-endpoint-override');
  return said(SETTINGS['allow-endpoint-override'].parser, setting, { isMeant: true }, layers)?.value === true;
}

/** The origins that the file names, the one of `url` first; none when it has no `url`. */
function boundOrigins(block: FileNode | undefined): readonly string[] {
  const url = textOf(nodeAt(block, ['url']));
  const fallbacks = nodeAt(block, ['fallback-url']);
  if (url === undefined || !URL.canParse(url)) return [];
  const others = fallbacks?.kind === 'list' ? fallbacks.items.map((item) => textOf(item) ?? '') : [];
  return [url, ...others.filter((other) => URL.canParse(other))].map((one) => new URL(one).origin);
}
