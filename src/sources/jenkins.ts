import type { Platform } from './types.ts';

/** Jenkins with the OpenID Connect Provider plugin: a credential that the pipeline binds to a variable, as text or as a file. */
export const jenkins: Platform = {
  key: 'jenkins',
  name: 'Jenkins',
  // JENKINS_URL exists only where the administrator configured the root URL.
  isHere: (env) =>
    (isSet(env['JENKINS_URL']) && isSet(env['BUILD_ID'])) || (isSet(env['JENKINS_HOME']) && isSet(env['BUILD_TAG'])),
  absence: 'neither JENKINS_URL with BUILD_ID nor JENKINS_HOME with BUILD_TAG is set',
  declare: (variable) => [
    `bind an OpenID Connect ID token credential around the step: withCredentials([string(credentialsId: '…', variable: '${variable}')]) { … }`,
    'the kind with a file works too: file(…) in place of string(…)',
  ],
};

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
