import { variablesFormat } from './dialect.ts';

/**
 * `task.setvariable` commands for Azure Pipelines, which its agent takes out of the log and masks by themselves. It
 * takes no secret of more than one line, and one name whatever its letter case.
 */
export const azure = variablesFormat({
  name: 'azure',
  help: 'secret variables for later tasks of an Azure Pipelines job, mapped there with env:',
  consumer: 'the Azure Pipelines agent',
  instead: ['write a file with -o FILE in the task that needs it: --format sh, json or raw'],
  ignoresCase: true,
  target: { kind: 'commands', variable: 'TF_BUILD' },
  obstacle: (text) => (/[\r\n]/.test(text) ? 'holds a line break' : undefined),
  write: (name, text) => `##vso[task.setvariable variable=${name};issecret=true]${text.replaceAll('%', '%AZP25')}\n`,
});
