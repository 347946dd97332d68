import { describe, expect, test } from 'vitest';
import { askClient, askSecretctl, HAS_CLIENTS, isInstalled } from '../support/rehearsed-client.ts';

// Google's own clients against the strict server: what they take for STS, IAM and Secret Manager, secretctl may.

const GCP = { backend: 'gcp' };
const CLIENT = 'secret_manager.py';
const SECRETS = ['--secret', 'app/key=123456789', '--secret', 'app/key=canary two', '--secret', 'plain=as it is'];
const ACCOUNT = ['--option', 'service-account=ci@shop.iam.gserviceaccount.com'];

test.skipIf(!isInstalled('gcp-secret-manager-emulator'))(
  'gcp-secret-manager-emulator, which nobody here wrote and no registry has',
  () => {
    expect.unreachable('it can be had now: this is to be its test');
  },
);

describe.skipIf(!HAS_CLIENTS)("Google's clients", () => {
  test.each([
    ['as the pool', []],
    ['as a service account', ACCOUNT],
  ])('log in %s and read what secretctl reads', async (_, more) => {
    const rehearsing = { ...GCP, flags: [...SECRETS, ...more] };
    expect(await askClient(CLIENT, rehearsing, ['app--key', 'app--key/versions/1'])).toMatchObject({
      'app--key': { value: 'canary two' },
      'app--key/versions/1': { value: '123456789', checksum: 0xe3069283 },
    });
    const own = await askSecretctl(rehearsing, ['NEW=app/key', 'OLD=app--key/versions/1']);
    expect(JSON.parse(own.stdout.toString())).toEqual({ NEW: 'canary two', OLD: '123456789' });
  });

  test('understand that a secret is missing, or an API off', async () => {
    expect(await askClient(CLIENT, { ...GCP, flags: SECRETS }, ['nothing'])).toMatchObject({ nothing: { code: 404 } });
    const off = { ...GCP, flags: [...SECRETS, '--option', 'api=off'] };
    expect(await askClient(CLIENT, off, ['plain'])).toEqual({ plain: { code: 403, reason: 'SERVICE_DISABLED' } });
  });

  test('are refused by the word that secretctl is', async () => {
    const rehearsing = { ...GCP, flags: [...SECRETS, '--claim', 'sub=somebody-else'] };
    expect(await askClient(CLIENT, rehearsing, ['plain'])).toEqual({
      plain: { refused: 'Error code unauthorized_client' },
    });
    const own = await askSecretctl(rehearsing, ['PLAIN=plain']);
    expect([own.exit, own.stderr]).toEqual([77, expect.stringContaining('unauthorized_client')]);
  });
});
