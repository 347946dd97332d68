/** Fewest characters that can be hidden without making a log unreadable. */
export const SHORTEST = 4;

/** Values that stand in every log: hiding them would hide nothing and wreck the rest. */
const COMMON = new Set(
  (
    'true false null none nil undefined yes no on off enabled disabled default auto test tests testing debug info ' +
    'warn warning error prod production staging stage dev development local localhost main master root admin user ' +
    'username password secret token http https 0000 1234 8080 8443 5432 3306 6379'
  ).split(' '),
);

const LONGEST_COMMON = 16;

/** Why a text is better not hidden: it is `short`, or a `common` word; undefined when it can be. */
export function whyNotHidden(text: string): 'short' | 'common' | undefined {
  const trimmed = text.trim();
  if (trimmed.length < SHORTEST) return 'short';
  if (isOneCharacter(trimmed)) return 'common';
  return trimmed.length <= LONGEST_COMMON && COMMON.has(trimmed.toLowerCase()) ? 'common' : undefined;
}

/** One character again and again: a rule across a log, not a secret. No pattern: on a long text that overflows its stack. */
function isOneCharacter(text: string): boolean {
  const first = text.charAt(0);
  return text.charAt(1) === first && text === first.repeat(text.length);
}
