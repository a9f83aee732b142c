import { u16, u32, u8, utf16 } from './bytes';
import { runsWhenOpened } from './names';
import { imagesOf } from './pictures';
import type { Scene } from './scene';

const STREAM = 'PowerPoint Document';
const ENCRYPTED_TOKEN = 0xf3d1_c4df;
const STORAGE = 0x1011;
const TEXT = 0x0fba;
const LINK = 0x0fd7;
const ACTION = 0x0fff;
const ACTION_ATOM = 0x0ff3;
const RUN_PROGRAM = 2;
const MAX_RECORDS = 4_000_000;

/** Looks at presentations of PowerPoint 97 to 2003: objects and macros stored inside, actions, links. */
export function lookAtPowerPoint(scene: Scene): void {
  const { haul, file } = scene;
  const entry = file.entries.find(({ name, kind }) => kind === 'stream' && name === STREAM);
  if (!entry) return;
  if (u32(scene.stream('Current User'), 12) === ENCRYPTED_TOKEN || file.find('EncryptedSummary')) haul.gap('encrypted');
  const bytes = scene.bytes(entry);
  let [objects, hover, inLink] = [0, false, 0];
  for (let at = 0, count = 0; at + 8 <= bytes.length && count < MAX_RECORDS; count += 1) {
    const [head, type, length] = [u16(bytes, at), u16(bytes, at + 2), u32(bytes, at + 4)];
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (type === STORAGE) objects += openStorage(scene, data, head >> 4, objects + 1);
    if (type === LINK) inLink = at + 8 + length;
    if (type === ACTION) hover = head >> 4 === 1;
    if (type === ACTION_ATOM && u8(data, 8) === RUN_PROGRAM) {
      haul.find(hover ? 'Ppt_Hover_Starts_Program' : 'Ppt_Action_Starts_Program');
    }
    if (type === TEXT && at < inLink) keepTarget(scene, utf16(data));
    // Containers are entered, everything else is passed.
    at += 8 + ((head & 15) === 15 ? 0 : length);
  }
  imagesOf(scene.stream('Pictures'), haul);
}

/** An embedded object or a macro project, deflated as a rule ([MS-PPT] 2.10.34). */
function openStorage({ haul }: Scene, data: Buffer, instance: number, order: number): number {
  const plain = instance === 1 ? haul.inflate(data.subarray(4), false) : data;
  if (plain === undefined) haul.gap('malformed');
  else if (plain !== 'over') haul.member(`object-${order}.ole`, plain);
  return 1;
}

function keepTarget({ haul }: Scene, target: string): void {
  if (/^(https?|ftps?|mailto|file|ms-[a-z]+|search-ms):/i.test(target)) haul.link(target);
  const bare = target.split(/[?#]/)[0] ?? '';
  if (!/^(https?|mailto):/i.test(target) && runsWhenOpened(bare)) haul.find('Ppt_Action_Starts_Program');
}
