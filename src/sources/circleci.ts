import { findProgram } from '../lib/find-program.ts';
import { outlives } from '../lib/token-rules.ts';
import type { SubjectToken } from '../lib/tokens.ts';
import { programOfCi, programToAsk } from './ask-program.ts';
import { tokenInVariable } from './token-in-variable.ts';
import type { Platform, Seeking, ToAsk } from './types.ts';

/**
 * CircleCI: a token in a variable, made before the job began; its program makes another one, for an audience that may be
 * chosen (ci-platforms-and-formats.md, 3.5).
 */
export const circleci: Platform = {
  key: 'circleci',
  name: 'CircleCI',
  isHere: (env) => env['CIRCLECI'] === 'true',
  absence: 'CIRCLECI is not "true"',
  declare: () => [
    'every job has them on CircleCI and on server 4.4 and newer',
    'builds of forks get none unless the project passes secrets to forks',
  ],
  own: {
    needs: 'CIRCLE_OIDC_TOKEN_V2 and CIRCLE_OIDC_TOKEN',
    async find({ audience, issuer }, seeking) {
      const { runtime } = seeking;
      const held = tokenInVariable('CIRCLE_OIDC_TOKEN_V2', runtime) ?? tokenInVariable('CIRCLE_OIDC_TOKEN', runtime);
      if (held === undefined) return undefined;
      const isOther = audience !== undefined && !held.claims.aud.includes(audience);
      const isOfRoot =
        issuer !== undefined && held.claims.iss?.startsWith(`${issuer.replace(/\/$/, '')}/org/`) === true;
      const wanted = audience ?? held.claims.aud[0];
      if ((isOther || isOfRoot) && wanted !== undefined) return another({ audience: wanted, held, isOfRoot }, seeking);
      return outlives(held, seeking) ? held : freshOne(held, seeking);
    },
  },
};

const COMMAND = 'circleci run oidc get';

function another(wanted: Wanted, seeking: Seeking): ToAsk {
  return asked(programOfCi('circleci', 'CircleCI', seeking), wanted, seeking);
}

/** Where there is no program to ask, the token that is held is as good as it gets. */
function freshOne(held: SubjectToken, seeking: Seeking): SubjectToken | ToAsk {
  const program = findProgram('circleci', seeking.runtime);
  const [audience] = held.claims.aud;
  if (program === undefined || audience === undefined || held.claims.aud.length > 1) return held;
  return asked(program, { audience, held, isOfRoot: false }, seeking);
}

interface Wanted {
  readonly audience: string;
  /** The token that every command of the job has. */
  readonly held: SubjectToken;
  /** Whether its issuer is to be CircleCI itself, which the variables' is not, but their organisation's. */
  readonly isOfRoot: boolean;
}

function asked(program: string, { audience, held, isOfRoot }: Wanted, seeking: Seeking): ToAsk {
  const root = isOfRoot ? ['--root-issuer'] : [];
  return programToAsk(
    {
      argv: [program, 'run', 'oidc', 'get', '--claims', JSON.stringify({ aud: audience }), ...root],
      shown: COMMAND,
      failed: `the audience that every job has without ${COMMAND} is the id of the organisation: the backend may accept that one`,
      mayBeQuoted: true,
      jobSecret: held.jwt,
    },
    seeking,
  );
}
