import { variablesRenderer } from './dialect.ts';

/**
 * `task.setvariable` commands for Azure Pipelines, which its agent takes out of the log and masks by themselves. It
 * takes no secret of more than one line, and one name whatever its letter case.
 */
export const azure = variablesRenderer({
  consumer: 'the Azure Pipelines agent',
  instead: ['write a file with -o FILE in the task that needs it: --format sh, json or raw'],
  obstacle: (text) => (/[\r\n]/.test(text) ? 'holds a line break' : undefined),
  write: (name, text) => `##vso[task.setvariable variable=${name};issecret=true]${text.replaceAll('%', '%AZP25')}\n`,
});
