import type { Invocation } from '../lib/invocation.ts';
import type { Sensitive } from '../lib/sensitive.ts';
import type { SubjectToken } from '../lib/tokens.ts';

/** What the configuration says about where the ID token is and what it should say. */
export interface TokenSettings {
  /** Name of the variable that holds the token, or the path of a file that holds it. */
  readonly env?: string;
  readonly file?: string;
  /** Set where that file is a JSON object: the member that is the token. */
  readonly fileMember?: string;
  /** Why a file of the product's own, which could name one, does not. */
  readonly noFile?: string;
  /** Read it from standard input. */
  readonly stdin?: boolean;
  /** The token itself, where another backend gave it, and the reference it came by, for messages. */
  readonly given?: { readonly jwt: Sensitive; readonly origin: string };
  /** A program that prints it, and its arguments. */
  readonly command?: readonly string[];
  /** The {@link TokenSource.key} of the only source that is to be asked. */
  readonly source?: string;
  /** Azure Pipelines: the service connection that the token is to be of, by its id. */
  readonly serviceConnection?: string;
  /** The audience the token must carry. */
  readonly audience?: string;
  /** The issuer it must name. */
  readonly issuer?: string;
}

/** What a source works with. */
export interface Seeking extends Invocation {
  /** From this call on, our own stderr shows nothing of the secret. */
  hide(name: string, secret: Sensitive): void;
}

/** This job does not run there. */
export interface NotHere {
  readonly here: false;
  /** Completes "GitLab: …", for the error that lists every source. */
  readonly reason: string;
  /** Something of it is here: most probably it is the one that was meant. */
  readonly isNear?: true;
  /** What to do then, each one a line to follow. */
  readonly advice?: readonly string[];
}

/** The job runs there, and its token comes with a request or from a program. Nothing was sent or started yet. */
export interface ToAsk {
  /** What `ask` does, for a plan: `GET https://host/path, for the audience "x"`. */
  readonly plan: string;
  /** The token. Throws when it cannot be had. */
  ask(): Promise<SubjectToken>;
}

/**
 * One place an ID token may come from. Three answers: the token, or how it is asked for; {@link NotHere}; or a throw,
 * when the job runs there and the token cannot be had (then no other source is tried).
 */
export interface TokenSource {
  /** The platform's or the way's name, for messages. */
  readonly name: string;
  /** As `--token-source` has it; a way that has a setting of its own has none. */
  readonly key?: string;
  /** Sends nothing and starts no program. */
  find(token: TokenSettings, seeking: Seeking): Promise<SubjectToken | ToAsk | NotHere>;
}

/** One CI: how a job there is recognised, and how it comes by its ID token. */
export interface Platform {
  /** As `--token-source` has it. */
  readonly key: string;
  /** As people call it. */
  readonly name: string;
  /** Whether this environment is one of its jobs, and of no CI that only looks like it. */
  isHere(env: Environment): boolean;
  /** Completes "GitLab: …" where it is not. */
  readonly absence: string;
  /** Variables that it filled by itself once: never looked at unless they are named. */
  readonly removed?: { readonly variables: readonly string[]; readonly since: string; readonly because: string };
  /** How a job declares its token, in `variable` where it is to choose one, for `audience`; each one a line to follow. */
  declare(variable: string, audience: string | undefined): readonly string[];
  /** The CI's own way to the token; without one the job declares a variable of ours. */
  readonly own?: OwnWay;
  /** The only audience of its tokens, where a job cannot choose: `"api://AzureADTokenExchange"`. */
  readonly fixedAudience?: string;
}

/** How a job comes by its token without a variable of ours. */
export interface OwnWay {
  /** What the job must have for it, completing "this job has no …": the names of variables. */
  readonly needs: string;
  /** Undefined when the job does not have it. Sends nothing and starts no program. */
  find(token: TokenSettings, seeking: Seeking): Promise<SubjectToken | ToAsk | undefined>;
}

/** The job's variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** How a job of one CI is written that runs a command with secrets and logs out at its end. */
export interface Pipeline {
  /** As `--token-source` has it. */
  readonly key: string;
  /** As people call it. */
  readonly name: string;
  /** Files of a repository that show that this CI is used, the one that the snippet is for first. */
  readonly files: readonly string[];
  /** `chosen` by the job; else the only one that there is, where it is known. */
  readonly audience: 'chosen' | { readonly fixed: string | undefined };
  /** The snippet, in lines. */
  write(job: PipelineJob): readonly string[];
}

/** What a snippet is about. */
export interface PipelineJob {
  /** For whom the ID token is; undefined where the backend takes none. */
  readonly audience: string | undefined;
  /** The variable that the job declares for it. */
  readonly variable: string;
}
