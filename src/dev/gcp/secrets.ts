import type { ServerReply, ServerRequest } from '../types.ts';
import { crc32c } from './crc32c.ts';
import { apiFailure, json } from './replies.ts';
import type { Site } from './sts.ts';
import { POOL, POOL_FOR_IAM } from './tokens.ts';

/** What stands for a slash of a rehearsed secret's path in the id of the secret. */
export const SLASH = '--';

/** What an access is about, as its path says it. */
export interface Asked {
  readonly project: string;
  /** Empty for a global secret. */
  readonly location: string;
  readonly name: string;
  readonly version: string;
}

const ACCESS =
  /^\/v1\/projects\/(?<project>[^/]+)\/(?:locations\/(?<location>[^/]+)\/)?secrets\/(?<name>[^/]+)\/versions\/(?<version>[^/:]+):access$/;

/** What a path asks for; undefined for one that is no access. */
export function askedIn(path: string): Asked | undefined {
  const parts = ACCESS.exec(path)?.groups;
  if (parts === undefined) return undefined;
  const { project = '', location = '', name = '', version = '' } = parts;
  return { project, location, name, version };
}

/** One access, with the words of the real service (pam-cloud.md, 4.2). */
export function access(request: ServerRequest, asked: Asked, site: Site): ServerReply {
  const { options, tokens } = site;
  const holder = tokens.holder(request.headers['authorization']);
  if (holder === undefined) {
    return apiFailure(
      'UNAUTHENTICATED',
      'Request had invalid authentication credentials.',
      'ACCESS_TOKEN_TYPE_UNSUPPORTED',
    );
  }
  if (holder === POOL_FOR_IAM) {
    const sentence = 'Request had insufficient authentication scopes.';
    return apiFailure('PERMISSION_DENIED', sentence, 'ACCESS_TOKEN_SCOPE_INSUFFICIENT');
  }
  if (options.api === 'off') {
    const sentence = `Secret Manager API has not been used in project ${options['project-number']} before or it is disabled.`;
    return apiFailure('PERMISSION_DENIED', sentence, 'SERVICE_DISABLED');
  }
  return quotaFault(request, site) ?? placeFault(asked, site) ?? found(asked, holder, site);
}

function quotaFault({ headers }: ServerRequest, { options }: Site): ServerReply | undefined {
  const said = headers['x-goog-user-project'];
  const isRight = said === (options['quota-project'] === '' ? undefined : options['quota-project']);
  if (isRight) return undefined;
  const sentence = 'Caller does not have required permission to use project.';
  return apiFailure('PERMISSION_DENIED', sentence, 'USER_PROJECT_DENIED');
}

function placeFault({ project, location, name }: Asked, { options }: Site): ServerReply | undefined {
  if (location !== options.location) {
    return apiFailure('INVALID_ARGUMENT', 'The location of the resource does not match the location of the endpoint.');
  }
  if (project !== options.project && project !== options['project-number']) {
    return apiFailure('PERMISSION_DENIED', `Permission denied on resource project ${project}.`, 'CONSUMER_INVALID');
  }
  if (/^[0-9A-Za-z_-]{1,255}$/.test(name)) return undefined;
  return apiFailure('INVALID_ARGUMENT', 'The provided Secret ID does not match the expected format [[a-zA-Z_0-9]+].');
}

function found(asked: Asked, holder: string, site: Site): ServerReply {
  const { world, options } = site;
  const isNamed = (path: string): boolean => path.replaceAll('/', SLASH) === asked.name;
  const reader = options['service-account'] === '' ? POOL : options['service-account'];
  const isForbidden = holder !== reader || [...world.forbidden].some(isNamed);
  const versions = [...world.secrets].find(([path]) => isNamed(path))?.[1];
  if (isForbidden || (versions === undefined && options.access === 'secret')) return denied(asked);
  if (versions === undefined) {
    return apiFailure(
      'NOT_FOUND',
      `Secret [projects/${options['project-number']}/secrets/${asked.name}] not found or has no versions.`,
    );
  }
  return ofVersion(asked, versions, site);
}

function ofVersion(asked: Asked, versions: readonly Buffer[], { options }: Site): ServerReply {
  const number = versionNumber(asked.version, versions.length, options.alias);
  const name = nameOf(asked, number, options['project-number']);
  const value = versions[number - 1];
  if (value === undefined) return apiFailure('NOT_FOUND', `Secret Version [${name}] not found.`);
  const end = number === versions.length ? endOf(asked.name, options) : undefined;
  if (end !== undefined) return apiFailure('FAILED_PRECONDITION', `Secret Version [${name}] is in ${end} state.`);
  const sums = { right: crc32c(value), wrong: crc32c(value) ^ 1, none: undefined };
  const sum = sums[options.checksum];
  const payload = {
    ...(value.length > 0 && { data: value.toString('base64') }),
    ...(sum !== undefined && { dataCrc32c: `${sum >>> 0}` }),
  };
  return json(200, { name, payload });
}

function versionNumber(asked: string, newest: number, alias: string): number {
  if (asked === 'latest') return newest;
  if (alias !== '' && asked === alias) return 1;
  return /^[1-9][0-9]{0,8}$/.test(asked) ? Number(asked) : 0;
}

function endOf(name: string, options: Readonly<Record<'disabled' | 'destroyed', string>>): string | undefined {
  if (options.destroyed.split(' ').includes(name)) return 'DESTROYED';
  return options.disabled.split(' ').includes(name) ? 'DISABLED' : undefined;
}

/** Names in answers have the project's number. */
function nameOf({ location, name }: Asked, version: number, project: string): string {
  const place = location === '' ? '' : `/locations/${location}`;
  return `projects/${project}${place}/secrets/${name}/versions/${version}`;
}

function denied({ project, name, version }: Asked): ServerReply {
  const resource = `projects/${project}/secrets/${name}/versions/${version}`;
  const sentence = `Permission 'secretmanager.versions.access' denied for resource '${resource}' (or it may not exist).`;
  return apiFailure('PERMISSION_DENIED', sentence, 'IAM_PERMISSION_DENIED');
}
