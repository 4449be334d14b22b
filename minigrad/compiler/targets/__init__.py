"""What programs are made for: each target brings its passes and replays what they leave."""
