import { oneOf, wholeNumber } from '../../lib/parsers.ts';
import { anyText, type OptionTable, readServerOptions } from '../frame/server-options.ts';

/** The variants of this server. */
export interface HttpOptions {
  /** The product that is played; `imaginary` is one that nobody makes, awkward in every way. */
  readonly recipe: (typeof RECIPES)[number];
  /** Life of an access token, seconds. */
  readonly 'token-lifetime': number;
  /** What the parameter of the recipe that names the identity must be. */
  readonly identity: string;
  /** `on`: the imaginary product is slow to find things and says so. */
  readonly slow: 'off' | 'on';
}

const RECIPES = [
  'imaginary',
  'akeyless',
  'cloudsmith',
  'doppler',
  'infisical',
  'jfrog',
  'octopus',
  'pulumi-esc',
] as const;

/** The options with their defaults. */
export const httpOptions: OptionTable<HttpOptions> = (option) => ({
  recipe: option('recipe', oneOf(RECIPES), 'imaginary'),
  'token-lifetime': option('token-lifetime', wholeNumber(1, 999_999), 600),
  identity: option('identity', anyText, 'rehearsal'),
  slow: option('slow', oneOf(['off', 'on']), 'off'),
});

/** Those that were given. Throws USAGE for one that is not known or a value that it does not take. */
export function readOptions(given: ReadonlyMap<string, string>): HttpOptions {
  return readServerOptions('recipe', httpOptions, given);
}
