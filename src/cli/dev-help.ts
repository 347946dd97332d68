import { faultHelp, optionHelp } from '../dev/index.ts';

/** What follows the options in the help of `dev exec`, for the server that was named. */
export function execHelp(backend: string): string {
  const variants = optionHelp().filter(([product]) => product === backend);
  return `
What goes wrong (--fault WHERE:WHAT[*COUNT][;key=value…], several are tried in order):
  WHERE is exchange, read or any; read#3 is the third of them. Without *COUNT: every one, or the one with that number.
${table(faultHelp())}

  secretctl dev exec --fault 'exchange:503*2' --fault 'read:429*1;retry-after=2' -- secretctl fetch

Variants of the server (--option K=V), with their defaults; \`--backend TYPE --help\` lists those of another one:
${variants.map(([product, rows]) => `  --backend ${product}\n${table(rows.map(optionRow), '    ')}`).join('\n')}

--claim changes the token and not what the server expects of it, so that a refusal can be rehearsed.
Without a secretctl.yaml the command gets one that names the server's secrets; one whose backends are at real
addresses is overruled by variables, for the backend that is rehearsed. Nothing is sent to any other: fetch ends with
ENDPOINT_NOT_ALLOWED. The variable that its \`token: { env: NAME }\` names holds the token, unless --token-env does.
The values are made up, so fetch may print them and a shell may trace them; with --stdout-is-log it refuses what it
would refuse in a real job.`;
}

function table(rows: readonly (readonly [name: string, help: string])[], indent = '  '): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, help]) => `${indent}${name.padEnd(width)}  ${help}`).join('\n');
}

function optionRow({ word, takes, otherwise }: ReturnType<typeof optionHelp>[number][1][number]): [string, string] {
  return [word, otherwise === '' ? takes : `${takes} (${otherwise})`];
}
