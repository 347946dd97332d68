import { SecretctlError } from '../../lib/errors.ts';
import { quoted } from '../../lib/text.ts';
import type { StrictProduct, StrictServer } from '../types.ts';
import { akeyless } from './akeyless.ts';
import { doppler, infisical, pulumiEsc } from './containers.ts';
import { cloudsmith, jfrog, octopus } from './exchanges.ts';
import { imaginary } from './imaginary.ts';
import { type HttpOptions, readOptions } from './options.ts';
import { json, openSessions, pathOf, type RehearsedProduct, type Site } from './products.ts';

const PLAYED: Readonly<Record<HttpOptions['recipe'], (site: Site) => RehearsedProduct>> = {
  akeyless,
  cloudsmith,
  doppler,
  imaginary,
  infisical,
  jfrog,
  octopus,
  'pulumi-esc': pulumiEsc,
};

/** The products that recipes describe; `recipe` says which one this server is (pam-cloud.md, 5.2). */
export const httpServer: StrictProduct = {
  type: 'http',
  start(world) {
    const options = readOptions(world.options);
    const sessions = openSessions(world, options['token-lifetime']);
    const product = PLAYED[options.recipe]({ world, options, sessions });
    const server: StrictServer = {
      classify(request) {
        const route = `${request.method} ${pathOf(request)}`;
        if (route === product.exchange) return 'exchange';
        return route.startsWith(product.read) ? 'read' : undefined;
      },
      async handle(request) {
        // No client of a JSON API says that it takes something else.
        if (!/application\/json|\*\/\*/.test(request.headers['accept'] ?? ''))
          return json(406, { error: 'not acceptable' });
        return product.handle(request);
      },
      variables: (url) => ({ SECRETCTL_BACKEND: 'http', SECRETCTL_URL: url }),
      caVariable: undefined,
      configuration: (url) => ({
        type: 'http',
        url,
        recipe: product.recipe ?? options.recipe,
        parameters: product.parameters,
      }),
      disturb(what) {
        if (what === 'revoke-tokens') return sessions.endAll();
        throw new SecretctlError('USAGE', `this server cannot ${quoted(what)}`, { hint: 'it can revoke-tokens' });
      },
    };
    return server;
  },
};
