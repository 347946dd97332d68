import { readEndpoint } from '../../lib/endpoint.ts';
import { SettingFault } from '../../lib/settings.ts';
import type { BackendType, Service, SettingsFault } from '../types.ts';
import { parameterFaults, parameterValues } from './parameters.ts';
import { needsIdToken } from './places.ts';
import type { Recipe } from './recipe.ts';
import { type HttpBackendValues, settings } from './settings.ts';
import { placeholdersOf, type Template } from './template.ts';
import { fill } from './values.ts';

export { recipeSchema } from './recipe.ts';

/** Any product that a recipe describes (pam-cloud.md, section 6). */
export const http: BackendType<typeof settings> = {
  type: 'http',
  title: 'a recipe',
  algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'],
  requiredClaims: [],
  settings,
  variables: {},
  check: checkSettings,
  defaultUrl: standingUrl,
  services: servicesOf,
  urlTakesIdToken: ({ recipe }) => recipe !== undefined && servicesTaking(recipe).has(undefined),
  create: async (context) => (await import('./http.ts')).openHttpBackend(context),
};

function checkSettings(_url: URL, { recipe, parameters = {} }: HttpBackendValues): readonly SettingsFault[] {
  if (recipe === undefined)
    return [{ missing: 'recipe', what: 'the name of a recipe, a file such as ./pam.yaml, or a description' }];
  const faults = parameterFaults(recipe, parameters);
  if (faults.length > 0) return faults;
  return Object.entries(recipe.services)
    .filter(([, template]) => addressOf(template, recipe, parameters) === undefined)
    .map(([name]) => `the recipe's service ${name} has no https: address with these parameters`);
}

/** Only a recipe that came with the program says where its product is: the address of any other is seen in the configuration. */
function standingUrl({ recipe, parameters = {} }: HttpBackendValues): URL | SettingsFault {
  const template = recipe?.ready === undefined ? undefined : recipe.url;
  const url = recipe === undefined || template === undefined ? undefined : addressOf(template, recipe, parameters);
  return url ?? 'has no "url", the address of the product';
}

function servicesOf(_url: URL, { recipe, parameters = {} }: HttpBackendValues): readonly Service[] {
  if (recipe === undefined) return [];
  const taking = servicesTaking(recipe);
  return Object.entries(recipe.services).flatMap(([name, template]): Service[] => {
    const url = addressOf(template, recipe, parameters);
    if (url === undefined) return [];
    return [
      {
        name,
        url,
        ...(recipe.ready === undefined && { setting: 'recipe' }),
        ...(placeholdersOf(template).length > 0 && { alsoFrom: 'parameters' }),
        ...(taking.has(name) && { takesIdToken: true }),
      },
    ];
  });
}

/** The services that the ID token goes to; undefined for the product's own address. */
function servicesTaking({ login }: Recipe): ReadonlySet<string | undefined> {
  return new Set(login.filter(({ request }) => needsIdToken(request)).map(({ request }) => request.service));
}

/** A URL with parameters in it, each a part of a host name or of a path and nothing else. */
function addressOf(
  template: Template,
  recipe: Recipe,
  parameters: NonNullable<HttpBackendValues['parameters']>,
): URL | undefined {
  const values = new Map(Object.entries(parameterValues(recipe, parameters)));
  let isPlain = true;
  const filled = fill(template, values, (text) => {
    isPlain &&= /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text);
    return text;
  });
  if (filled === undefined || !isPlain) return undefined;
  try {
    return readEndpoint(filled.text);
  } catch (error) {
    if (error instanceof SettingFault) return undefined;
    throw error;
  }
}
