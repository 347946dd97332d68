import type { Sessions } from '../../../../src/dev/aws/sessions.ts';
import type { Scope } from '../../../../src/dev/aws/signature.ts';
import type { ServerRequest } from '../../../../src/dev/types.ts';

/** The example `post-sts-header-before` of AWS's test suite for Signature Version 4; its key is the documentation's. */
export function sessionIn(): { readonly request: ServerRequest; readonly scope: Scope; readonly sessions: Sessions } {
  const sessionToken =
    'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';
  const session = {
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    sessionToken,
    endMs: Number.POSITIVE_INFINITY,
    arn: '',
  };
  return {
    request: {
      method: 'POST',
      target: '/',
      headers: {
        host: 'example.amazonaws.com',
        'x-amz-date': '20150830T123600Z',
        'x-amz-security-token': sessionToken,
        authorization:
          'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
      },
      body: Buffer.alloc(0),
      remoteAddress: '127.0.0.1',
    },
    scope: { region: 'us-east-1', service: 'service', nowMs: Date.UTC(2015, 7, 30, 12, 36) },
    sessions: {
      find: (id) => (id === session.accessKeyId ? session : undefined),
      issue: () => session,
      forgetAll: () => undefined,
      endAll: () => undefined,
    },
  };
}
