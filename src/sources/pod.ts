import { unlessSystem } from '../lib/errors.ts';
import { visible } from '../lib/text.ts';
import { readTokenFile } from './file.ts';
import type { Environment, Seeking, TokenSource } from './types.ts';

/**
 * Where a pod mounts a token that is meant for us. The token that every pod has is for the API server of its own
 * cluster: whoever gets that one can use it there, so nothing takes it that was not told to by its path.
 */
export const PROJECTED = '/var/run/secrets/secretctl/token';

/** A step of a Tekton task: a pod, whose volumes the Task declares. */
export const tekton: TokenSource = {
  name: 'Tekton',
  key: 'tekton',
  async find(token, seeking) {
    if (token.source !== 'tekton' && !isThere('/tekton', seeking))
      return { here: false, reason: 'there is no /tekton' };
    return projected('the Task', token.source === 'tekton', seeking);
  },
};

/** A Kubernetes pod. The kubelet rewrites the file before the token ends; it is read anew each time. */
export const kubernetes: TokenSource = {
  name: 'Kubernetes',
  key: 'kubernetes',
  async find(token, seeking) {
    const isNamed = token.source === 'kubernetes';
    if (!isNamed && !isPod(seeking.runtime.env)) {
      return { here: false, reason: 'KUBERNETES_SERVICE_HOST is not set' };
    }
    return projected('the pod', isNamed, seeking);
  },
};

const AWS_AUDIENCE = 'sts.amazonaws.com';

/**
 * A pod with a role of AWS (EKS, IRSA). Whoever gets that token can take the role, so it leaves only where its audience
 * was said.
 */
export const eks: TokenSource = {
  name: 'EKS',
  key: 'eks',
  async find(token, { runtime }) {
    const file = runtime.env['AWS_WEB_IDENTITY_TOKEN_FILE'] ?? '';
    if (file === '') return { here: false, reason: 'AWS_WEB_IDENTITY_TOKEN_FILE is not set' };
    if (token.source !== 'eks' && token.audience === undefined) {
      return {
        here: false,
        reason: 'AWS_WEB_IDENTITY_TOKEN_FILE holds a token for AWS, which is used for that alone',
        isNear: true,
        advice: [`if the backend takes it: --audience ${AWS_AUDIENCE}`],
      };
    }
    const read = readTokenFile(file, `file ${visible(file)} (AWS_WEB_IDENTITY_TOKEN_FILE)`, runtime.fs);
    if (token.audience === undefined || read.claims.aud.includes(token.audience)) return read;
    return { here: false, reason: 'AWS_WEB_IDENTITY_TOKEN_FILE holds a token for another audience', isNear: true };
  },
};

function projected(where: string, isNamed: boolean, seeking: Seeking): ReturnType<typeof answer> {
  return answer(where, isNamed || isThere(PROJECTED, seeking), seeking);
}

function answer(where: string, isToBeRead: boolean, { runtime }: Seeking) {
  if (isToBeRead) return readTokenFile(PROJECTED, `file ${PROJECTED}`, runtime.fs);
  return {
    here: false,
    reason: `${where} has no ${PROJECTED}`,
    isNear: true,
    advice: ["mount a projected serviceAccountToken with the backend's audience there, or name its path: --token-file"],
  } as const;
}

function isThere(path: string, { runtime }: Seeking): boolean {
  return unlessSystem(() => runtime.fs.statSync(path)) !== undefined;
}

function isPod(env: Environment): boolean {
  return env['KUBERNETES_SERVICE_HOST'] !== undefined;
}
