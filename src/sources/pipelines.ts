import { IMAGE, indented, LOGOUT, RUN, SCRIPT } from './pipeline-lines.ts';
import { kubernetes, tekton } from './pod-pipelines.ts';
import type { Pipeline } from './types.ts';

const CHOSEN = 'chosen';

const gitlab: Pipeline = {
  key: 'gitlab',
  name: 'GitLab',
  files: ['.gitlab-ci.yml'],
  audience: CHOSEN,
  write: ({ audience, variable }) => [
    'deploy:',
    ...(audience === undefined ? [] : ['  id_tokens:', `    ${variable}:`, `      aud: ${JSON.stringify(audience)}`]),
    '  script:',
    `    - ${RUN}`,
    '  after_script:',
    `    - ${LOGOUT}`,
  ],
};

const jenkins: Pipeline = {
  key: 'jenkins',
  name: 'Jenkins',
  files: ['Jenkinsfile'],
  audience: { fixed: undefined },
  write({ audience, variable }) {
    const script = ["sh '''", '  set +x', ...indented(2, SCRIPT), "'''"];
    const credentials = `withCredentials([string(credentialsId: 'secretctl-id-token', variable: '${variable}')]) {`;
    const steps = audience === undefined ? script : [credentials, ...script.map((line) => `  ${line}`), '}'];
    const remark =
      '// \'secretctl-id-token\': a credential "OpenID Connect id token" with the audience that the backend expects';
    return [
      ...(audience === undefined ? [] : [remark]),
      'pipeline {',
      '  agent any',
      '  stages {',
      "    stage('Deploy') {",
      '      steps {',
      ...steps.map((line) => `        ${line}`),
      '      }',
      '    }',
      '  }',
      '}',
    ];
  },
};

/** GitHub's own format and that of its kin. */
function actions(key: string, name: string, folder: string, rights: readonly string[]): Pipeline {
  return {
    key,
    name,
    files: [`${folder}/deploy.yml`, folder],
    audience: CHOSEN,
    write: ({ audience }) => [
      'on: push',
      ...(audience === undefined ? [] : rights),
      'jobs:',
      '  deploy:',
      `    runs-on: ${key === 'github' ? 'ubuntu-latest' : 'docker'}`,
      '    steps:',
      // Nothing of the repository is there before it, neither the configuration nor the script.
      '      - uses: actions/checkout@v4',
      `      - run: ${RUN}`,
      '      - if: always()',
      `        run: ${LOGOUT}`,
    ],
  };
}

const azure: Pipeline = {
  key: 'azure',
  name: 'Azure Pipelines',
  files: ['azure-pipelines.yml'],
  audience: { fixed: 'api://AzureADTokenExchange' },
  write({ audience }) {
    const rights = audience === undefined ? [] : ['    env:', '      SYSTEM_ACCESSTOKEN: $(System.AccessToken)'];
    return ['steps:', `  - script: ${RUN}`, ...rights, `  - script: ${LOGOUT}`, '    condition: always()', ...rights];
  },
};

const circleci: Pipeline = {
  key: 'circleci',
  name: 'CircleCI',
  files: ['.circleci/config.yml'],
  audience: CHOSEN,
  write: () => [
    'version: 2.1',
    'jobs:',
    '  deploy:',
    '    docker:',
    '      - image: cimg/base:current',
    '    steps:',
    '      - checkout',
    `      - run: ${RUN}`,
    '      - run:',
    `          command: ${LOGOUT}`,
    '          when: always',
    'workflows:',
    '  main:',
    '    jobs:',
    '      - deploy',
  ],
};

const buildkite: Pipeline = {
  key: 'buildkite',
  name: 'Buildkite',
  files: ['.buildkite/pipeline.yml'],
  audience: CHOSEN,
  write: () => ['steps:', '  - label: deploy', '    command: |', ...indented(6, SCRIPT)],
};

const bitbucket: Pipeline = {
  key: 'bitbucket',
  name: 'Bitbucket Pipelines',
  files: ['bitbucket-pipelines.yml'],
  audience: CHOSEN,
  write: ({ audience }) => [
    'pipelines:',
    '  default:',
    '    - step:',
    ...(audience === undefined
      ? []
      : ['        oidc:', '          audiences:', `            - ${JSON.stringify(audience)}`]),
    '        script:',
    `          - ${RUN}`,
    '        after-script:',
    `          - ${LOGOUT}`,
  ],
};

const codefresh: Pipeline = {
  key: 'codefresh',
  name: 'Codefresh',
  files: ['codefresh.yml'],
  audience: CHOSEN,
  write: () => [
    "version: '1.0'",
    'steps:',
    '  deploy:',
    '    title: Deploy',
    `    image: ${IMAGE}`,
    '    commands:',
    '      - |',
    ...indented(8, SCRIPT),
  ],
};

const semaphore: Pipeline = {
  key: 'semaphore',
  name: 'Semaphore',
  files: ['.semaphore/semaphore.yml'],
  audience: { fixed: undefined },
  write: () => [
    'version: v1.0',
    'name: Deploy',
    'agent:',
    '  machine:',
    '    type: e1-standard-2',
    '    os_image: ubuntu2204',
    'blocks:',
    '  - name: deploy',
    '    task:',
    '      jobs:',
    '        - name: deploy',
    '          commands:',
    '            - checkout',
    `            - ${RUN}`,
    '      epilogue:',
    '        always:',
    '          commands:',
    `            - ${LOGOUT}`,
  ],
};

const spacelift: Pipeline = {
  key: 'spacelift',
  name: 'Spacelift',
  files: ['.spacelift/config.yml'],
  audience: { fixed: undefined },
  write: () => [
    'version: "1"',
    'stack_defaults:',
    '  before_apply:',
    `    - ${RUN}`,
    '  after_run:',
    `    - ${LOGOUT}`,
  ],
};

const cloudBuild: Pipeline = {
  key: 'google',
  name: 'Google Cloud Build',
  files: ['cloudbuild.yaml'],
  audience: CHOSEN,
  write: ({ audience }) => [
    'steps:',
    `  - name: ${IMAGE}`,
    '    script: |',
    ...indented(6, ['#!/bin/sh', ...SCRIPT]),
    // It signs for no other account, and one of the user's own may not write to the usual bucket of logs.
    ...(audience === undefined
      ? []
      : [
          'serviceAccount: projects/PROJECT/serviceAccounts/deploy@PROJECT.iam.gserviceaccount.com',
          'options:',
          '  logging: CLOUD_LOGGING_ONLY',
        ]),
  ],
};

/** Every CI that a snippet can be written for. */
export const PIPELINES: readonly Pipeline[] = [
  gitlab,
  jenkins,
  actions('github', 'GitHub Actions', '.github/workflows', ['permissions:', '  id-token: write', '  contents: read']),
  actions('forgejo', 'Forgejo Actions', '.forgejo/workflows', ['enable-openid-connect: true']),
  actions('gitea', 'Gitea Actions', '.gitea/workflows', ['enable-openid-connect: true']),
  azure,
  circleci,
  buildkite,
  bitbucket,
  codefresh,
  semaphore,
  spacelift,
  tekton,
  kubernetes,
  cloudBuild,
];
