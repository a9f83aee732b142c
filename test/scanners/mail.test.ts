import { samples as containers } from '../detection/kinds/mail';
import { samples as features } from '../detection/kinds/mail-features';
import { judgeSamples } from './judge-samples';

judgeSamples('the verdict on a mail', [...containers(), ...features()]);
