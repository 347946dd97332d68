import { COMMAND, IMAGE } from './pipeline-lines.ts';
import type { Pipeline } from './types.ts';

/** A Task of Tekton, whose volume says for whom the token is. */
export const tekton: Pipeline = {
  key: 'tekton',
  name: 'Tekton',
  files: ['.tekton/deploy.yaml', '.tekton'],
  audience: 'chosen',
  write: ({ audience }) => [
    'apiVersion: tekton.dev/v1',
    'kind: Task',
    'metadata:',
    '  name: deploy',
    'spec:',
    '  steps:',
    '    - name: deploy',
    `      image: ${IMAGE}`,
    `      command: ${COMMAND}`,
    ...(audience === undefined ? [] : projected(audience)),
  ],
};

/** A pod of Kubernetes, with such a volume. */
export const kubernetes: Pipeline = {
  key: 'kubernetes',
  name: 'Kubernetes',
  files: [],
  audience: 'chosen',
  write: ({ audience }) => [
    'apiVersion: v1',
    'kind: Pod',
    'metadata:',
    '  name: deploy',
    'spec:',
    '  restartPolicy: Never',
    '  containers:',
    '    - name: deploy',
    `      image: ${IMAGE}`,
    `      command: ${COMMAND}`,
    ...(audience === undefined ? [] : projected(audience)),
  ],
};

function projected(audience: string): readonly string[] {
  return [
    '      volumeMounts:',
    '        - name: id-token',
    '          mountPath: /var/run/secrets/secretctl',
    '          readOnly: true',
    '  volumes:',
    '    - name: id-token',
    '      projected:',
    '        sources:',
    '          - serviceAccountToken:',
    '              path: token',
    `              audience: ${JSON.stringify(audience)}`,
    '              expirationSeconds: 600',
  ];
}
