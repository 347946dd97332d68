import type { Json } from './json.ts';
import type { Claims } from './tokens.ts';

/** A claim that an administrator can bind: the same in every run of this job, and different in others. */
export interface BindableClaim {
  readonly name: string;
  /** As the token has it: type and digits count where a server compares. */
  readonly value: Json;
}

/** What a token says about its job, sorted by what a server's policy can do with it. */
export interface BindableClaims {
  /** Names the job among all that this issuer has: text, and the same in every run. */
  readonly identity: BindableClaim | undefined;
  /** Narrow it down further: branch, environment, numeric ids that outlive a renaming. */
  readonly restricting: readonly BindableClaim[];
  /** Could be bound too. */
  readonly alternatives: readonly BindableClaim[];
}

/** How the tokens of one CI are told, and which of their claims stay the same (ci-platforms-and-formats.md, section 3). */
interface Family {
  /** Claims that all its tokens have and no others. */
  readonly marks: readonly string[];
  /** The first that is there is the identity. */
  readonly identity: readonly string[];
  readonly restricting: readonly string[];
  readonly alternatives: readonly string[];
}

const FAMILIES: readonly Family[] = [
  {
    // GitLab. `sub` holds the ref, so it narrows and does not name.
    marks: ['project_path', 'namespace_path'],
    identity: ['project_path'],
    restricting: ['project_id', 'ref', 'ref_type', 'environment'],
    alternatives: [
      'namespace_id',
      'namespace_path',
      'ref_protected',
      'ref_path',
      'environment_protected',
      'deployment_tier',
      'project_visibility',
      'sub',
    ],
  },
  {
    // GitHub, and Forgejo after it.
    marks: ['repository', 'repository_owner'],
    identity: ['repository'],
    restricting: ['repository_id', 'ref', 'environment'],
    alternatives: [
      'repository_owner',
      'repository_owner_id',
      'repository_visibility',
      'ref_type',
      'ref_protected',
      'workflow',
      'job_workflow_ref',
      'event_name',
      'runner_environment',
      'sub',
    ],
  },
  {
    // Azure Pipelines.
    marks: ['org_id', 'prj_id', 'def_id'],
    identity: ['sub'],
    restricting: ['org_id', 'prj_id', 'def_id'],
    alternatives: ['rpo_id', 'rpo_uri', 'rpo_ref'],
  },
  {
    // CircleCI.
    marks: ['oidc.circleci.com/project-id'],
    identity: ['oidc.circleci.com/project-id'],
    restricting: ['oidc.circleci.com/org-id', 'oidc.circleci.com/vcs-ref'],
    alternatives: [
      'oidc.circleci.com/context-ids',
      'oidc.circleci.com/vcs-origin',
      'oidc.circleci.com/pipeline-definition-id',
    ],
  },
  {
    // Buildkite. `sub` holds the commit.
    marks: ['organization_slug', 'pipeline_slug'],
    identity: ['pipeline_slug'],
    restricting: ['organization_slug', 'build_branch'],
    alternatives: [
      'organization_id',
      'pipeline_id',
      'step_key',
      'cluster_id',
      'queue_id',
      'runner_environment',
      'build_source',
    ],
  },
  {
    // HCP Terraform. `sub` holds the run's phase.
    marks: ['terraform_workspace_id'],
    identity: ['terraform_full_workspace', 'terraform_workspace_id'],
    restricting: ['terraform_workspace_id', 'terraform_run_phase'],
    alternatives: [
      'terraform_organization_id',
      'terraform_organization_name',
      'terraform_project_id',
      'terraform_project_name',
      'terraform_workspace_name',
      'sub',
    ],
  },
  {
    // Bitbucket. `sub` holds the step.
    marks: ['repositoryUuid', 'workspaceUuid'],
    identity: ['repositoryUuid'],
    restricting: ['workspaceUuid', 'branchName', 'deploymentEnvironmentUuid'],
    alternatives: [],
  },
  {
    // Spacelift.
    marks: ['callerId', 'spaceId'],
    identity: ['callerId'],
    restricting: ['spaceId', 'callerType', 'scope'],
    alternatives: ['runType'],
  },
  {
    // Vercel.
    marks: ['owner_id', 'project_id', 'environment'],
    identity: ['sub'],
    restricting: ['project_id', 'environment'],
    alternatives: ['owner', 'owner_id', 'project'],
  },
  {
    // Codefresh.
    marks: ['account_id', 'pipeline_id'],
    identity: ['pipeline_name', 'pipeline_id'],
    restricting: ['account_id', 'pipeline_id'],
    alternatives: ['account_name', 'scm_repo_url', 'scm_ref'],
  },
];

/** Every issuer has this one: Jenkins, Kubernetes, Google, Semaphore, and whatever is not known. */
const ANY: Family = {
  marks: [],
  identity: ['sub'],
  restricting: [],
  alternatives: ['email', 'azp', 'repo_slug', 'prj_id', 'org', 'tag', 'branch'],
};

/** Claims of RFC 7519 that are about the token, not about the job. */
const ABOUT_THE_TOKEN: ReadonlySet<string> = new Set(['iss', 'aud', 'exp', 'nbf', 'iat', 'jti']);

/** The claims of this token that can be bound, by the CI that its claims show it is from. */
export function bindableClaims(claims: Claims): BindableClaims {
  const family = FAMILIES.find(({ marks }) => marks.every((mark) => claims.all.members.has(mark))) ?? ANY;
  const identity = found(claims, family.identity).find(({ value }) => value.kind === 'string' && value.value !== '');
  const others = (names: readonly string[]): readonly BindableClaim[] => {
    return found(claims, names).filter(({ name }) => name !== identity?.name);
  };
  return { identity, restricting: others(family.restricting), alternatives: others(family.alternatives) };
}

/** The claim of that name, or undefined when the token has none or it is about the token itself. */
export function claimNamed(claims: Claims, name: string): BindableClaim | undefined {
  return found(claims, [name])[0];
}

function found({ all }: Claims, names: readonly string[]): readonly BindableClaim[] {
  return names.flatMap((name) => {
    const value = ABOUT_THE_TOKEN.has(name) || all.repeated.has(name) ? undefined : all.members.get(name);
    return value === undefined || (value.kind === 'literal' && value.value === null) ? [] : [{ name, value }];
  });
}
