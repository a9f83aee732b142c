import { samples as carriers } from '../detection/kinds/web';
import { samples as features } from '../detection/kinds/web-features';
import { judgeSamples } from './judge-samples';

judgeSamples('the verdict on a page or script', [...carriers(), ...features()]);
