import tseslint from 'typescript-eslint';
import importX from 'eslint-plugin-import-x';

const nodeBuiltins = { regex: '^node:', message: 'domain/ and workflows/ know no Node built-ins.' };
const only = (files, forbidden, message) => ({
  files,
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          ...forbidden.map((folder) => ({
            // An import that begins with ./ stays inside its own folder (scanners/embedded is not embedded/).
            regex: `^(\\.\\./)+${folder}(/|$)`,
            message,
            allowTypeImports: false,
          })),
        ],
      },
    ],
  },
});

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.lazaret/', 'console/src/api/schema.d.ts', '**/*.js', '**/*.mjs'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { 'import-x': importX },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      eqeqeq: 'error',
      'no-console': 'error',
      'max-lines': ['error', { max: 300 }],
    },
  },
  only(
    ['zendesk/**', 'scanners/**', 'quarantine/**', 'email/**', 'db/**'],
    ['activities', 'api', 'worker', 'workflows', 'config', 'simulator', 'embedded'],
    'Adapters know domain/ only.',
  ),
  {
    files: ['domain/**', 'workflows/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns: [{ ...nodeBuiltins, allowTypeImports: true }] },
      ],
    },
  },
);
