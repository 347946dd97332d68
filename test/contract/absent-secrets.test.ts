import { describe, expect, test } from 'vitest';
import { backendType } from '../../src/backends/index.ts';
import { refs, rehearseBackend } from '../support/rehearsed-backend.ts';

// A secret that is missing may have a default, so "missing" is only said where the product itself said it. These products
// give a reason of their own to each secret that is not there, by which a 404 of anything else is told.

const TYPES = ['aws', 'azure', 'conjur', 'gcp', 'vault'];

describe.each(TYPES)('%s', (name) => {
  test.each<[string, string]>([
    ['a page', 'html;status=404'],
    ['no body', 'empty;status=404'],
    ['the text of a proxy', '404;type=text/plain;body=404 page not found'],
    ['the JSON of a gateway', '404;body={"message":"no Route matched with those values"}'],
  ])('a 404 with %s makes no secret missing, alone or among others', async (__, fault) => {
    const type = backendType(name);
    if (type === undefined) throw new Error('no such backend');
    const secrets = { 'prod/db': 'first', 'prod/web': 'second', 'prod/mail': 'third' };
    const { backend, logIn } = await rehearseBackend(type, { secrets, faults: [`read:${fault}`] });
    const accessToken = await logIn();
    for (const asked of [['prod/db'], Object.keys(secrets)]) {
      const fetching = backend.fetchSecrets(accessToken, refs(...asked));
      await expect(fetching).rejects.toMatchObject({ name: 'SecretctlError', exit: 76 });
    }
  });
});
