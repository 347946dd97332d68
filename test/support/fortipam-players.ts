import { fortipam } from '../../src/backends/fortipam/index.ts';
import { http } from '../../src/backends/http/index.ts';
import type { BackendType, Outcome } from '../../src/backends/types.ts';
import { readyRecipe } from './recipe-backend.ts';
import { type BackendSetup, type RehearsedBackend, rehearseBackend } from './rehearsed-backend.ts';

// The same cases against the same strict server, once with the built-in backend and once with the recipe.

/** What the server holds. */
export const SECRETS = {
  'prod/db/password': 'first value',
  'prod/db/record': '{"user":"shop","port":5432}',
  'prod/web/password': ' second "ü" \nvalue',
};

interface Player {
  readonly name: string;
  /** Of the settings only `secret-encoding` and `check-out`, of the server's variants any. */
  rehearse(setup?: BackendSetup): Promise<RehearsedBackend>;
}

const AS_RECIPE: BackendType = { ...http, type: 'fortipam' };

/** FortiPAM built in, and as a recipe. */
export const PLAYERS: readonly Player[] = [
  { name: 'built in', rehearse: (setup) => rehearseBackend(fortipam, { secrets: SECRETS, ...setup }) },
  {
    name: 'as a recipe',
    async rehearse({ values, options, ...setup } = {}) {
      const parameters = [
        ...(values?.['secret-encoding'] === 'base64' ? ['encoding=base64'] : []),
        ...(options?.['user'] === undefined ? [] : [`user=${options['user']}`]),
      ].join(',');
      const recipe = JSON.parse(await readyRecipe('fortipam')) as { 'check-out': { when: string } };
      if (values?.['check-out'] === 'always') recipe['check-out'].when = 'always';
      return rehearseBackend(AS_RECIPE, {
        secrets: SECRETS,
        ...setup,
        ...(options && { options }),
        values: { recipe: JSON.stringify(recipe), ...(parameters !== '' && { parameters }) },
      });
    },
  },
];

/** The value of each outcome byte for byte, or the word for why there is none. */
export function bytesTold(outcomes: readonly Outcome[]): string[] {
  return outcomes.map((outcome) =>
    'refusal' in outcome ? outcome.refusal : outcome.value.reveal().toString('latin1'),
  );
}
