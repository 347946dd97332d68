import type { CommandRow } from './command.ts';

/** Every command by name, in the order in which help lists them. A new one is a file beside this one and a row here. */
export const COMMANDS: Readonly<Record<string, () => Promise<CommandRow>>> = {
  fetch: async () => (await import('./fetch.ts')).fetchCommand,
  run: async () => (await import('./run.ts')).runCommand,
  mask: async () => (await import('./mask.ts')).maskCommand,
  login: async () => (await import('./login.ts')).loginCommand,
  logout: async () => (await import('./logout.ts')).logoutCommand,
  policy: async () => (await import('./policy.ts')).policyCommand,
  token: async () => (await import('./token.ts')).tokenCommand,
  init: async () => (await import('./init.ts')).initCommand,
  dev: async () => (await import('./dev.ts')).devCommand,
};
