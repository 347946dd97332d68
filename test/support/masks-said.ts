const WARNING = /^secretctl: warning: (?:GitLab|Jenkins) cannot be told at run time what to mask: .*\n/gm;

/** The same run without what `fetch` says on stderr in a job of a CI that cannot be told what to mask. */
export function besidesMasks<Run extends { readonly stderr: string }>(run: Run): Run {
  return { ...run, stderr: run.stderr.replaceAll(WARNING, '') };
}

/** What else is in a text where a CI is told what to mask: GitHub or Azure. */
export function withoutMaskCommands(text: string): string {
  return text.replaceAll(/^(?:::add-mask::|##vso\[task\.setsecret[^\]]*\]).*\n/gm, '');
}
