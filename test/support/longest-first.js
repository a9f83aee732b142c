const { default: Sequencer } = require('@jest/test-sequencer');

/** Longest first, so that no worker is left alone with them at the end. The others by their size, as jest orders them. */
const LONGEST = [
  'system/crash',
  'system/hostile.',
  'system/start',
  'detection/detection',
  'system/',
  'detection/',
  'workflows/channel-',
  'scanners/',
];

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const place = ({ path }) => {
      const at = LONGEST.findIndex((name) => path.includes(`/test/${name}`));
      return at < 0 ? LONGEST.length : at;
    };
    return super.sort(tests).sort((a, b) => place(a) - place(b));
  }
};
