/** linux/miscdevice.h. */
import {kernelAddress} from '../../../hardware/address.ts';
import {misc_deregister, misc_register} from '../../drivers/misc.ts';
import {kread32, kwrite32} from '../../mm/access.ts';
import {offsetOf} from '../layouts.ts';
import {fileOperationsOf} from '../methods.ts';
import type {Gate} from '../state.ts';
import {textAtAddress} from '../text.ts';

type Field = 'minor' | 'name' | 'fops';

const fieldAt = (device: number, field: Field) => kernelAddress(device + offsetOf('miscdevice', field));

export const miscExports: readonly Gate[] = [
	{
		name: 'misc_register',
		run({k, arg}) {
			const field = (name: Field) => kread32(k, fieldAt(arg(0), name));
			const fops = fileOperationsOf(k, field('fops'));
			const minor = misc_register(k, textAtAddress(k, field('name')), field('minor') | 0, fops);
			if (minor < 0) return minor;
			kwrite32(k, fieldAt(arg(0), 'minor'), minor);
			return 0;
		},
	},
	{
		name: 'misc_deregister',
		run({k, arg}) {
			misc_deregister(k, kread32(k, fieldAt(arg(0), 'minor')) | 0);
			return 0;
		},
	},
];
