import { isUtf8 } from 'node:buffer';
import { type Json, type JsonObject, member, textMember } from '../../lib/json.ts';
import type { AwsOptions } from './options.ts';
import type { JsonFailure } from './replies.ts';
import type { Session } from './sessions.ts';
import { findSecret, type Holding, type Store, type Version } from './store.ts';

/** What an operation works with. */
export interface Account {
  readonly store: Store;
  readonly options: AwsOptions;
}

const MOST = 20;

/** GetSecretValue: one secret, of any version. */
export function getSecretValue(input: JsonObject, signer: Session, { store }: Account): object | JsonFailure {
  const id = textMember(input, 'SecretId');
  if (id === undefined)
    return invalid("Value null at 'secretId' failed to satisfy constraint: Member must not be null");
  const [versionId, stage] = [textMember(input, 'VersionId'), textMember(input, 'VersionStage')];
  return readable(id, signer, store, (version) => {
    const isWanted = versionId === undefined || version.id === versionId;
    return (
      isWanted && (stage === undefined ? versionId !== undefined || isCurrent(version) : version.stages.includes(stage))
    );
  });
}

/** BatchGetSecretValue: the newest versions of up to twenty, in pages. */
export function batchGetSecretValue(input: JsonObject, signer: Session, account: Account): object | JsonFailure {
  const { options, store } = account;
  if (options.batch === 'denied') {
    return denied(signer, 'secretsmanager:BatchGetSecretValue', '*');
  }
  const ids = textsIn(member(input, 'SecretIdList'));
  if (ids === undefined || input.members.has('Filters') || input.members.has('MaxResults')) {
    return { code: 'InvalidParameterException', message: 'SecretIdList alone, or Filters with MaxResults' };
  }
  if (ids.length === 0 || ids.length > MOST || new Set(ids).size < ids.length) {
    return invalid(`at 'secretIdList' failed to satisfy constraint: 1 to ${MOST} different members`);
  }
  const start = Number(textMember(input, 'NextToken') ?? '0');
  const isEmpty = options['empty-pages'] === 'on' && start % 1 === 0;
  if (isEmpty) return { SecretValues: [], Errors: [], NextToken: `${start + 0.5}` };
  const from = Math.floor(start);
  const results = ids
    .slice(from, from + options.page)
    .map((id) => [id, readable(id, signer, store, isCurrent)] as const);
  const errors = results.flatMap(([id, one]) => {
    return isFailure(one) ? [{ SecretId: id, ErrorCode: one.code, Message: one.message }] : [];
  });
  const values = results.flatMap(([, one]) => (isFailure(one) ? [] : [one]));
  const next = from + options.page;
  // The order is the service's own.
  return { SecretValues: values.toReversed(), Errors: errors, ...(next < ids.length && { NextToken: `${next}` }) };
}

/** The list of texts; undefined for anything else. */
export function textsIn(json: Json | undefined): readonly string[] | undefined {
  if (json?.kind !== 'array') return undefined;
  const texts = json.items.flatMap((item) => (item.kind === 'string' ? [item.value] : []));
  return texts.length === json.items.length ? texts : undefined;
}

/** Whether it was not granted: no answer has a member of that name. */
export function isFailure(result: object | JsonFailure): result is JsonFailure {
  return 'code' in result;
}

/** The refusal of a policy. */
export function denied({ arn }: Session, action: string, resource: string): JsonFailure {
  return {
    code: 'AccessDeniedException',
    message: `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
  };
}

function readable(
  id: string,
  signer: Session,
  store: Store,
  isWanted: (version: Version) => boolean,
): object | JsonFailure {
  const holding = findSecret(store, id);
  if (holding?.isForbidden === true) return denied(signer, 'secretsmanager:GetSecretValue', id);
  if (holding === undefined) {
    return { code: 'ResourceNotFoundException', message: "Secrets Manager can't find the specified secret." };
  }
  if (holding.isDeleted) {
    const message = "You can't perform this operation on the secret because it was marked for deletion.";
    return { code: 'InvalidRequestException', message };
  }
  const version = holding.versions.findLast(isWanted);
  if (version === undefined) {
    const message = "Secrets Manager can't find the specified secret value for this version.";
    return { code: 'ResourceNotFoundException', message };
  }
  return shown(holding, version);
}

function shown({ path, secretArn }: Holding, { id, stages, value }: Version): object {
  const isText = isUtf8(value);
  return {
    ARN: secretArn,
    CreatedDate: 1_700_000_000,
    Name: path,
    ...(isText ? { SecretString: value.toString('utf8') } : { SecretBinary: value.toString('base64') }),
    VersionId: id,
    VersionStages: stages,
  };
}

function isCurrent({ stages }: Version): boolean {
  return stages.includes('AWSCURRENT');
}

function invalid(message: string): JsonFailure {
  return { code: 'ValidationException', message: `1 validation error detected: ${message}` };
}
