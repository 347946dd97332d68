import { SecretctlError } from '../../lib/errors.ts';
import { jsonIn, type JsonObject } from '../../lib/json.ts';
import { quoted } from '../../lib/text.ts';
import type { ServerReply, ServerRequest, StrictProduct, StrictServer } from '../types.ts';
import { readOptions } from './options.ts';
import { getParameter, getParameters, getParametersByPath } from './parameters.ts';
import { json, jsonFailure, type JsonFailure } from './replies.ts';
import { type Account, batchGetSecretValue, getSecretValue, isFailure } from './secrets-manager.ts';
import { openSessions, type Session, type Sessions } from './sessions.ts';
import { signerOf } from './signature.ts';
import { fillStore } from './store.ts';
import { assumeRole, isExchange } from './sts.ts';

/** STS, Secrets Manager and Systems Manager of one account in one region (pam-cloud.md, 4.1), each below a path of its own. */
export const awsServer: StrictProduct = {
  type: 'aws',
  async readPolicy(documents, options) {
    const { readAwsPolicy } = await import('./policy.ts');
    return readAwsPolicy(documents, readOptions(options));
  },
  start(world) {
    const options = readOptions(world.options);
    const sessions = openSessions(world);
    const account: Account = { store: fillStore(world, options), options };
    const server: StrictServer = {
      classify(request) {
        if (isExchange(request)) return 'exchange';
        return operationOf(request) === undefined ? undefined : 'read';
      },
      async handle(request) {
        if (isExchange(request)) return assumeRole(request, world, options, sessions);
        return callService(request, account, sessions, world.now());
      },
      variables: (url) => ({
        AWS_ROLE_ARN: options.role,
        AWS_REGION: options.region,
        AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
        AWS_ENDPOINT_URL_STS: `${url}/sts`,
        AWS_ENDPOINT_URL_SSM: `${url}/ssm`,
        AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false',
      }),
      caVariable: 'AWS_CA_BUNDLE',
      configuration: (url) => ({
        type: 'aws',
        url,
        'role-arn': options.role,
        region: options.region,
        'sts-url': `${url}/sts`,
        'ssm-url': `${url}/ssm`,
      }),
      disturb(what) {
        if (what === 'revoke-tokens') return sessions.forgetAll();
        if (what === 'end-tokens') return sessions.endAll();
        const hint = 'it can revoke-tokens and end-tokens';
        throw new SecretctlError('USAGE', `the AWS server cannot ${quoted(what)}`, { hint });
      },
    };
    return server;
  },
};

type Operation = (input: JsonObject, signer: Session, account: Account) => object | JsonFailure;

const OPERATIONS: ReadonlyMap<string, readonly [path: string, service: string, operation: Operation]> = new Map([
  ['secretsmanager.GetSecretValue', ['/', 'secretsmanager', getSecretValue]],
  ['secretsmanager.BatchGetSecretValue', ['/', 'secretsmanager', batchGetSecretValue]],
  ['AmazonSSM.GetParameters', ['/ssm/', 'ssm', getParameters]],
  ['AmazonSSM.GetParameter', ['/ssm/', 'ssm', getParameter]],
  ['AmazonSSM.GetParametersByPath', ['/ssm/', 'ssm', getParametersByPath]],
]);

/** What a request asks for, at the address where that is; undefined for anything else. */
function operationOf({ method, target, headers }: ServerRequest): readonly [service: string, Operation] | undefined {
  const found = OPERATIONS.get(headers['x-amz-target'] ?? '');
  if (found === undefined || method !== 'POST') return undefined;
  const [path, service, operation] = found;
  return `${target.replace(/\/$/, '')}/` === path ? [service, operation] : undefined;
}

function callService(request: ServerRequest, account: Account, sessions: Sessions, nowMs: number): ServerReply {
  const { options } = account;
  const found = operationOf(request);
  if (found === undefined) return jsonFailure({ code: 'UnknownOperationException', message: '' }, options);
  const [service, operation] = found;
  const messageName = service === 'ssm' ? 'message' : 'Message';
  const signer = signerOf(request, { region: options.region, service, nowMs }, sessions);
  if ('code' in signer) return jsonFailure(signer, options, 'message');
  const input = jsonIn(request.body);
  if (request.headers['content-type'] !== 'application/x-amz-json-1.1' || input?.kind !== 'object') {
    return jsonFailure({ code: 'SerializationException', message: '' }, options, messageName);
  }
  const result = operation(input, signer, account);
  return isFailure(result) ? jsonFailure(result, options, messageName) : json(result);
}
