"""What a proposal is: values in, values out. Knows no Git, no Copier, no Invoke, opens no file."""
