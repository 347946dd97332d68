import { azureData } from '../lib/azure-commands.ts';
import { variablesRenderer } from './dialect.ts';

/**
 * `task.setvariable` commands for Azure Pipelines, which its agent takes out of the log and masks by themselves. It
 * takes no secret of more than one line, and one name whatever its letter case.
 */
export const azure = variablesRenderer({
  consumer: 'the Azure Pipelines agent',
  instead: ['write a file with -o FILE in the task that needs it: --format sh, json or raw'],
  obstacle(text, { env }) {
    if (/[\r\n]/.test(text)) return 'holds a line break';
    return azureData(env).isChanged(text)
      ? 'holds what it would decode, because this job switches DECODE_PERCENTS off'
      : undefined;
  },
  write(name, text, { env }) {
    return `##vso[task.setvariable variable=${name};issecret=true]${azureData(env).spell(text)}\n`;
  },
});
