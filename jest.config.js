module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testTimeout: 30_000,
  // Tests wait more than they compute; the machine of a check may have two cores.
  maxWorkers: 3,
  testSequencer: '<rootDir>/test/support/longest-first.js',
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.lazaret/'],
  // These are published as ES modules only, which Jest cannot load as they are on Node 20.
  transformIgnorePatterns: ['/node_modules/(?!(?:parse5|entities|openid-client|oauth4webapi|jose)/)'],
  transform: {
    '^.+\\.ts$|/node_modules/(?:parse5|entities|openid-client|oauth4webapi|jose)/.+\\.js$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
};
