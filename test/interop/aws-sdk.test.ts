import { describe, expect, test } from 'vitest';
import { askClient, askSecretctl, HAS_VAULT_CLIENTS } from '../support/rehearsed-client.ts';

// The SDK of AWS against the strict server, which checks its token and each of its signatures: what it takes for STS,
// Secrets Manager and Systems Manager, secretctl may. (moto, in the other file, checks neither.)

const AWS = { backend: 'aws', clients: 'vault-clients' } as const;
const CLIENT = 'aws.py';
const SECRETS = ['--secret', 'app/key=first', '--secret', 'app/key=canary two', '--secret', 'plain=ünïcode "x"'];
const ASKED = ['secret:app/key', 'secret:app/key@AWSPREVIOUS', 'secret:plain', 'secret:nothing', 'parameter:/app/key'];

describe.skipIf(!HAS_VAULT_CLIENTS)('the SDK of AWS', () => {
  test('logs in and reads what secretctl reads, alone and together', async () => {
    const rehearsing = { ...AWS, flags: SECRETS };
    expect(await askClient(CLIENT, rehearsing, [...ASKED, 'parameter:/nothing'])).toEqual({
      alone: {
        'secret:app/key': 'canary two',
        'secret:app/key@AWSPREVIOUS': 'first',
        'secret:plain': 'ünïcode "x"',
        'secret:nothing': { code: 'ResourceNotFoundException', status: 400 },
        'parameter:/app/key': 'canary two',
        'parameter:/nothing': { code: 'ParameterNotFound', status: 400 },
      },
      together: {
        'app/key': 'canary two',
        plain: 'ünïcode "x"',
        nothing: { code: 'ResourceNotFoundException' },
      },
    });
    const own = await askSecretctl(rehearsing, ['KEY=app/key', 'OLD=app/key:AWSPREVIOUS', 'P=ssm:/app/key']);
    expect(JSON.parse(own.stdout.toString())).toEqual({ KEY: 'canary two', OLD: 'first', P: 'canary two' });
  });

  test('is refused by the code that secretctl is', async () => {
    const rehearsing = { ...AWS, flags: [...SECRETS, '--claim', 'sub=somebody-else'] };
    expect(await askClient(CLIENT, rehearsing, ['secret:plain'])).toEqual({
      login: { code: 'AccessDenied', status: 403 },
    });
    const own = await askSecretctl(rehearsing, ['PLAIN=plain']);
    expect([own.exit, own.stderr]).toEqual([77, expect.stringContaining('AccessDenied')]);
  });
});
