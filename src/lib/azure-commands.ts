import type { Runtime } from './runtime.ts';

/** How the agent of this job reads the data of a `##vso[…]` command (ci-platforms-and-formats.md, 4.1). */
export interface AzureData {
  /** Whether it would read back something else than this text. */
  isChanged(text: string): boolean;
  /** The text as data. */
  spell(text: string): string;
}

/** The agent takes `%AZP25` for a percent sign unless a variable of the job says no; other escapes it always undoes. */
export function azureData({ DECODE_PERCENTS: wish = '' }: Runtime['env']): AzureData {
  const isDecoded = wish === '' || /^(?:1|\$?true)$/i.test(wish);
  return {
    isChanged: (text) => !isDecoded && /%(?:0[ad]|3b|5d)/i.test(text),
    spell: (text) => (isDecoded ? text.replaceAll('%', '%AZP25') : text),
  };
}
