/** The beginnings of what a CI reads as a command in its log: of every CI that reads any. */
export const LOG_COMMANDS: readonly string[] = [
  '::add-mask::x',
  '::set-env name=x::y',
  '::stop-commands::x',
  '::add-mask x',
  ':::add-mask::x',
  '##[set-env name=x;]y',
  '##[error]x',
  '###[group]x',
  '##vso[task.setvariable variable=x]y',
  '##VSO[task.complete result=Failed;]',
  '###vso[task.debug]x',
  '##v\u00adso[task.debug]x',
  '##\ufe0fvso[task.debug]x',
  '#\u034f#vso[task.debug]x',
  "##teamcity[setParameter name='env.x' value='y']",
  '##TeamCity[enableServiceMessages]',
  'section_start:1:x\r\u001b[0Kx',
  'Section_End:1:x\r\u001b[0K',
  'travis_fold:start:x\r\u001b[0K',
  'x\r::set-env name=x::y',
  'x\n::set-env name=x::y',
  'x\u0085::set-env name=x::y',
  '\u001b[8mha:////4AAA\u001b[0m',
  '\u001b]1338;url=x\u0007',
  '\u001b[2J\u001b[1A',
  '\u202e\u2066x',
];

/** What of that a text still has, in its lines and between its characters. */
export function commandsIn(text: string): string[] {
  const found = [
    // .NET compares by a language's rules, for which some characters are not there.
    ...text.replace(/\p{Default_Ignorable_Code_Point}/gu, '').matchAll(/##[a-z]*\[|::|(?:section|travis)_[a-z]+:/gi),
    ...text.matchAll(/[^\P{C}\n]|[\u2028\u2029]/gu),
  ];
  return found.map(([piece]) => piece);
}
