import { samples } from '../detection/kinds/shortcut';
import { judgeSamples } from './judge-samples';

judgeSamples('the verdict on a shortcut', samples());
