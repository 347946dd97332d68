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
  /** Names of claims that another run of the same job has with other values. */
  readonly changing: ReadonlySet<string>;
  /** Completes "its sub …" where another run of the job has another one; undefined where it is the same. */
  readonly subjectChanges: string | undefined;
  /** Path behind the issuer's URL at which its keys are, where that is known. */
  readonly keysPath: string | undefined;
}

/** How the tokens of one CI are told, and which of their claims stay the same (ci-platforms-and-formats.md, section 3). */
interface Family {
  /** Claims that all its tokens have and no others. */
  readonly marks: readonly string[];
  /** The first that is there is the identity. */
  readonly identity: readonly string[];
  readonly restricting: readonly string[];
  readonly alternatives: readonly string[];
  /** Claims about this one run, this commit, this user. */
  readonly changing: readonly string[];
  /** Whatever its claims say, `sub` is another one in each run: completes "its sub …". */
  readonly subjectChanges?: string;
  /** Where the keys are, behind `iss`. */
  readonly keysPath?: string;
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
    changing: [
      'pipeline_id',
      'job_id',
      'sha',
      'ci_config_sha',
      'runner_id',
      'user_id',
      'user_login',
      'user_email',
      'user_access_level',
    ],
    keysPath: '/oauth/discovery/keys',
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
    changing: ['sha', 'run_id', 'run_number', 'run_attempt', 'actor', 'actor_id', 'check_run_id'],
    keysPath: '/.well-known/jwks',
  },
  {
    // Azure Pipelines.
    marks: ['org_id', 'prj_id', 'def_id'],
    identity: ['sub'],
    restricting: ['org_id', 'prj_id', 'def_id'],
    alternatives: ['rpo_id', 'rpo_uri', 'rpo_ref'],
    changing: ['run_id', 'rpo_ver'],
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
    changing: [
      'oidc.circleci.com/job-id',
      'oidc.circleci.com/pipeline-id',
      'oidc.circleci.com/workflow-id',
      'oidc.circleci.com/ssh-rerun',
    ],
    subjectChanges: 'names the user who started the pipeline',
    keysPath: '/.well-known/jwks-pub.json',
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
    changing: ['build_commit', 'build_number', 'build_id', 'job_id', 'agent_id'],
    keysPath: '/.well-known/jwks',
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
    changing: ['terraform_run_id'],
    keysPath: '/.well-known/jwks',
  },
  {
    // Bitbucket. `sub` holds the step.
    marks: ['repositoryUuid', 'workspaceUuid'],
    identity: ['repositoryUuid'],
    restricting: ['workspaceUuid', 'branchName', 'deploymentEnvironmentUuid'],
    alternatives: [],
    changing: ['stepUuid', 'pipelineUuid', 'pipelineRunUuid'],
    subjectChanges: 'names the step of this run',
  },
  {
    // Spacelift.
    marks: ['callerId', 'spaceId'],
    identity: ['callerId'],
    restricting: ['spaceId', 'callerType', 'scope'],
    alternatives: ['runType'],
    changing: ['runId'],
  },
  {
    // Vercel.
    marks: ['owner_id', 'project_id', 'environment'],
    identity: ['sub'],
    restricting: ['project_id', 'environment'],
    alternatives: ['owner', 'owner_id', 'project'],
    changing: ['user_id'],
  },
  {
    // Codefresh.
    marks: ['account_id', 'pipeline_id'],
    identity: ['pipeline_name', 'pipeline_id'],
    restricting: ['account_id', 'pipeline_id'],
    alternatives: ['account_name', 'scm_repo_url', 'scm_ref'],
    changing: ['workflow_id', 'initiator'],
    subjectChanges: 'differs by what started the build',
  },
  {
    // Semaphore. `sub` holds the ref.
    marks: ['prj_id', 'ppl_id'],
    identity: ['prj_id'],
    restricting: ['branch', 'job_type'],
    alternatives: ['org', 'repo', 'tag', 'sub', 'sub127'],
    changing: ['wf_id', 'ppl_id', 'job_id', 'trg', 'pr'],
  },
  {
    // Jenkins with the plugin for Conjur.
    marks: ['jenkins_full_name'],
    identity: ['jenkins_full_name'],
    restricting: [],
    alternatives: ['jenkins_parent_full_name', 'jenkins_pronoun', 'jenkins_task_noun', 'sub'],
    changing: ['jenkins_build_number', 'name'],
  },
];

/** Every issuer has this one: Jenkins, Kubernetes, Google, Semaphore, and whatever is not known. */
const ANY: Family = {
  marks: [],
  identity: ['sub'],
  restricting: [],
  alternatives: ['email', 'azp', 'repo_slug', 'prj_id', 'org', 'tag', 'branch'],
  changing: ['build_number'],
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
  return {
    identity,
    restricting: others(family.restricting),
    alternatives: others(family.alternatives),
    changing: new Set(family.changing),
    subjectChanges: subjectChange(claims, family),
    keysPath: family.keysPath,
  };
}

/** A claim of this run that is a part of `sub` makes that one change as well. */
function subjectChange(claims: Claims, { changing, subjectChanges }: Family): string | undefined {
  if (claims.sub === undefined || subjectChanges !== undefined) return subjectChanges;
  const parts = new Set(claims.sub.split(/[:/]/));
  const inside = found(claims, changing).find(({ value }) => {
    return value.kind === 'string' && (parts.has(value.value) || parts.has(`job_${value.value}`));
  });
  return inside === undefined ? undefined : `holds ${inside.name}, which each run has another of`;
}

/** The claim of that name, or undefined when the token has none or it is about the token itself. */
export function claimNamed(claims: Claims, name: string): BindableClaim | undefined {
  return found(claims, [name])[0];
}

function found({ all }: Claims, names: readonly string[]): readonly BindableClaim[] {
  return names.flatMap((name) => {
    const value = ABOUT_THE_TOKEN.has(name) ? undefined : all.members.get(name);
    return value === undefined || (value.kind === 'literal' && value.value === null) ? [] : [{ name, value }];
  });
}
