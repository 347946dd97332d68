import { variablesRenderer } from './dialect.ts';
import type { Circumstances } from './types.ts';

/**
 * `task.setvariable` commands for Azure Pipelines, which its agent takes out of the log and masks by themselves. It
 * takes no secret of more than one line, and one name whatever its letter case.
 */
export const azure = variablesRenderer({
  consumer: 'the Azure Pipelines agent',
  instead: ['write a file with -o FILE in the task that needs it: --format sh, json or raw'],
  obstacle(text, { env }) {
    if (/[\r\n]/.test(text)) return 'holds a line break';
    const isChanged = !isPercentDecoded(env) && /%(?:0[ad]|3b|5d)/i.test(text);
    return isChanged ? 'holds what it would decode, because this job switches DECODE_PERCENTS off' : undefined;
  },
  write(name, text, { env }) {
    const data = isPercentDecoded(env) ? text.replaceAll('%', '%AZP25') : text;
    return `##vso[task.setvariable variable=${name};issecret=true]${data}\n`;
  },
});

/** The agent takes `%AZP25` for a percent sign unless a variable of the job says no. */
function isPercentDecoded({ DECODE_PERCENTS: wish = '' }: Circumstances['env']): boolean {
  return wish === '' || /^(?:1|\$?true)$/i.test(wish);
}
